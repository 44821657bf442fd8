import semver from 'semver';
import type { UniverseInput, VersionInput } from './universe.js';

/** A question as the oracle takes it: one range for each spec. */
export interface Question {
  readonly universe: UniverseInput;
  readonly specs: Readonly<Record<string, string>>;
  readonly engines?: Readonly<Record<string, string>>;
  readonly locked?: Readonly<Record<string, string>>;
  readonly loaded?: Readonly<Record<string, string>>;
}

/** Everything that can be chosen: versions of plugins, who serves a name, which optional dependencies are taken. */
interface World {
  readonly versions: ReadonlyMap<string, string>;
  readonly servers: ReadonlyMap<string, string>;
  readonly taken: ReadonlySet<string>;
}

const optionKey = (owner: string, name: string, range: string): string => `${owner} ${name} ${range}`;

/**
 * Tries every combination, with no cleverness that it could share with the solver. Then picks by the documented
 * preference: one choice after the other, each the best with which some combination is left.
 */
export function oracle(question: Question): Readonly<Record<string, string>> | undefined {
  const worlds = validWorlds(question);
  return worlds.length === 0 ? undefined : pick(question, worlds);
}

export function providersOf(universe: UniverseInput, name: string): string[] {
  return Object.keys(universe)
    .filter((plugin) => plugin !== name)
    .filter((plugin) => Object.values(universe[plugin]!).some((v) => v.provides?.[name] !== undefined))
    .sort();
}

function validWorlds(question: Question): World[] {
  const { universe } = question;
  const names = Object.keys(universe).sort();
  const worlds: World[] = [];
  const versions = new Map<string, string>();
  const chooseVersions = (i: number): void => {
    if (i === names.length) {
      if (isFine(question, versions)) worlds.push(...wirings(question, new Map(versions)));
      return;
    }
    chooseVersions(i + 1);
    for (const version of Object.keys(universe[names[i]!]!)) {
      versions.set(names[i]!, version);
      chooseVersions(i + 1);
      versions.delete(names[i]!);
    }
  };
  chooseVersions(0);
  return worlds;
}

function input(question: Question, name: string, version: string): VersionInput {
  return question.universe[name]![version]!;
}

/** What can be said without knowing who serves whom. */
function isFine(question: Question, versions: ReadonlyMap<string, string>): boolean {
  for (const [name, range] of Object.entries(question.specs)) {
    const version = versions.get(name);
    if (version === undefined || !semver.satisfies(version, range)) return false;
  }
  for (const [name, version] of Object.entries(question.loaded ?? {})) {
    if (versions.get(name) !== version) return false;
  }
  for (const [name, version] of versions) {
    const own = input(question, name, version);
    if (question.loaded?.[name] === undefined) {
      if (own.yanked !== undefined && question.locked?.[name] !== version) return false;
      for (const [engine, range] of Object.entries(own.engines ?? {})) {
        const offered = question.engines?.[engine];
        if (offered === undefined || !semver.satisfies(offered, range, { includePrerelease: true }))
          return false;
      }
    }
    for (const [enemy, range] of Object.entries(own.conflicts ?? {})) {
      for (const [other, otherVersion] of versions) {
        if (other === name) continue;
        if (other === enemy) {
          if (semver.satisfies(otherVersion, range, { includePrerelease: true })) return false;
        } else {
          const provided = input(question, other, otherVersion).provides?.[enemy];
          if (provided !== undefined && semver.satisfies(provided, range)) return false;
        }
      }
    }
  }
  return true;
}

/** All ways to serve names and to take optional dependencies. */
function wirings(question: Question, versions: ReadonlyMap<string, string>): World[] {
  const options: [owner: string, name: string, range: string][] = [];
  for (const [owner, version] of versions) {
    if (question.loaded?.[owner] !== undefined) continue;
    const own = input(question, owner, version);
    for (const [name, range] of Object.entries(own.optionalDependencies ?? {})) {
      if (own.dependencies?.[name] === undefined) options.push([owner, name, range]);
    }
  }
  const worlds: World[] = [];
  for (let bits = 0; bits < 2 ** options.length; bits++) {
    const taken = options.filter((_, i) => (bits >> i) & 1);
    const needs: [owner: string, name: string, range: string][] = [...taken];
    for (const [owner, version] of versions) {
      for (const [name, range] of Object.entries(input(question, owner, version).dependencies ?? {})) {
        needs.push([owner, name, range]);
      }
    }
    const virtual = [...new Set(needs.map(([, name]) => name))].filter(
      (name) => providersOf(question.universe, name).length > 0,
    );
    const servers = new Map<string, string>();
    const chooseServers = (i: number): void => {
      if (i < virtual.length) {
        for (const server of [virtual[i]!, ...providersOf(question.universe, virtual[i]!)]) {
          servers.set(virtual[i]!, server);
          chooseServers(i + 1);
        }
        servers.delete(virtual[i]!);
        return;
      }
      if (!isServed(question, versions, servers, needs)) return;
      worlds.push({
        versions,
        servers: new Map(servers),
        taken: new Set(taken.map((option) => optionKey(...option))),
      });
    };
    chooseServers(0);
  }
  return worlds;
}

function isServed(
  question: Question,
  versions: ReadonlyMap<string, string>,
  servers: ReadonlyMap<string, string>,
  needs: readonly (readonly [owner: string, name: string, range: string])[],
): boolean {
  const edges = new Map<string, Set<string>>();
  for (const [owner, name, range] of needs) {
    const server = servers.get(name) ?? name;
    const version = versions.get(server);
    if (version === undefined || server === owner) return false;
    const served = server === name ? version : input(question, server, version).provides?.[name];
    if (served === undefined || !semver.satisfies(served, range)) return false;
    if (server !== name && versions.has(name)) return false;
    edges.set(owner, (edges.get(owner) ?? new Set()).add(server));
  }
  const reaches = (from: string, to: string, seen = new Set<string>()): boolean =>
    [...(edges.get(from) ?? [])].some((next) => {
      if (next === to) return true;
      if (seen.has(next)) return false;
      seen.add(next);
      return reaches(next, to, seen);
    });
  return [...edges.keys()].every((name) => !reaches(name, name));
}

/** The preference, as the documentation of the resolver words it. */
function pick(question: Question, all: readonly World[]): Readonly<Record<string, string>> {
  const { universe, locked = {} } = question;
  let worlds = all;
  const chosen = new Map<string, string>();
  const served = new Map<string, string>();
  const plugins: string[] = [
    ...new Set([...Object.keys(question.specs), ...Object.keys(question.loaded ?? {})]),
  ].sort();
  const slots: string[] = [];
  const options: [string, string, string][] = [];
  const decidedOptions = new Set<string>();
  const need = (name: string): void => {
    if (providersOf(universe, name).length > 0) slots.push(name);
    else plugins.push(name);
  };
  const first = <T>(values: readonly T[], keep: (world: World, value: T) => boolean): T => {
    for (const value of values) {
      const left = worlds.filter((world) => keep(world, value));
      if (left.length === 0) continue;
      worlds = left;
      return value;
    }
    throw new Error('the oracle is inconsistent');
  };
  for (;;) {
    const plugin = plugins.find((name) => !chosen.has(name));
    if (plugin !== undefined) {
      const order = Object.keys(universe[plugin] ?? {}).sort(semver.rcompare);
      const preferred = locked[plugin];
      if (preferred !== undefined && order.includes(preferred)) order.unshift(preferred);
      const version = first(order, (world, value) => world.versions.get(plugin) === value);
      chosen.set(plugin, version);
      const own = input(question, plugin, version);
      for (const name of Object.keys(own.dependencies ?? {}).sort()) need(name);
      if (question.loaded?.[plugin] !== undefined) continue;
      for (const [name, range] of Object.entries(own.optionalDependencies ?? {}).sort(([a], [b]) =>
        a < b ? -1 : 1,
      )) {
        if (own.dependencies?.[name] === undefined) options.push([plugin, name, range]);
      }
      continue;
    }
    const slot = slots.find((name) => !served.has(name));
    if (slot !== undefined) {
      const possible = [slot, ...providersOf(universe, slot)];
      const isLocked = (name: string): boolean =>
        locked[name] !== undefined && universe[name]?.[locked[name]] !== undefined;
      const order = [
        ...possible.filter((name) => chosen.has(name)),
        ...possible.filter((name) => isLocked(name)),
        ...possible,
      ];
      const server = first(order, (world, value) => world.servers.get(slot) === value);
      served.set(slot, server);
      plugins.push(server);
      continue;
    }
    const option = options.find((one) => !decidedOptions.has(optionKey(...one)));
    if (option === undefined) return Object.fromEntries([...chosen].sort());
    const key = optionKey(...option);
    decidedOptions.add(key);
    const isTaken = first([true, false], (world, value) => world.taken.has(key) === value);
    if (isTaken) need(option[1]);
  }
}
