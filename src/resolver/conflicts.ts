import { ownValue } from '../manifest/own-value.js';
import type { Candidate } from './candidate.js';
import type { Relax } from './constraint.js';
import type { PluginVariable } from './plugin-variable.js';
import { sortedKeys } from './requirements.js';
import type { Solver } from './solver/solver.js';
import type { ValueSet } from './solver/value-set.js';

/** Some versions of a plugin that do not go together with others. */
interface Aversion<C extends Candidate> {
  readonly owner: PluginVariable<C>;
  readonly set: ValueSet;
  readonly range: string;
}

/**
 * What `conflicts` in manifests rule out. It asks the catalog for nothing: a conflict matters only once somebody needs the
 * other plugin, and is held back until then. It also hits plugins that provide the name, but never its own plugin.
 */
export class Conflicts<C extends Candidate> {
  readonly #solver: Solver;
  readonly #relax: Relax;
  readonly #plugins = new Map<string, PluginVariable<C>>();
  readonly #providers = new Map<string, PluginVariable<C>[]>();
  /** Met before there was any conflict: nobody has asked yet what they provide. */
  readonly #unread: PluginVariable<C>[] = [];
  readonly #aversions = new Map<string, Aversion<C>[]>();
  readonly #told = new Set<string>();

  constructor(solver: Solver, relax: Relax) {
    this.#solver = solver;
    this.#relax = relax;
  }

  /** Adds what the conflicts of one version rule out. */
  learn(owner: PluginVariable<C>, value: number): void {
    const { conflicts } = owner.candidate(value).manifest;
    for (const name of sortedKeys(conflicts)) {
      const range = conflicts[name]!;
      const key = `${owner.name} ${name} ${range}`;
      if (this.#told.has(key) || this.#relax({ kind: 'conflict', owner: owner.name, name })) continue;
      this.#told.add(key);
      const set = owner.where(({ manifest }) => ownValue(manifest.conflicts, name) === range);
      const aversion = { owner, set, range };
      for (const plugin of this.#unread.splice(0)) this.#read(plugin);
      append(this.#aversions, name, aversion);
      const plugin = this.#plugins.get(name);
      if (plugin !== undefined) this.#tell(aversion, name, plugin);
      for (const provider of this.#providers.get(name) ?? []) this.#tell(aversion, name, provider);
    }
  }

  /** To be told of every plugin whose versions became known. */
  meet(plugin: PluginVariable<C>): void {
    this.#plugins.set(plugin.name, plugin);
    for (const aversion of this.#aversions.get(plugin.name) ?? []) this.#tell(aversion, plugin.name, plugin);
    if (this.#aversions.size === 0) this.#unread.push(plugin);
    else this.#read(plugin);
  }

  #read(plugin: PluginVariable<C>): void {
    const provided = new Set<string>();
    for (const { manifest } of plugin.candidates) {
      for (const name of Object.keys(manifest.provides)) provided.add(name);
    }
    provided.delete(plugin.name);
    for (const name of [...provided].sort()) {
      append(this.#providers, name, plugin);
      for (const aversion of this.#aversions.get(name) ?? []) this.#tell(aversion, name, plugin);
    }
  }

  #tell({ owner, set, range }: Aversion<C>, name: string, other: PluginVariable<C>): void {
    if (owner === other) return;
    const isOwn = other.name === name;
    const hit = isOwn ? other.matchingAll(range) : other.providing(name, range);
    if (hit === 0n) return;
    this.#solver.add(
      [
        { variable: owner, set },
        { variable: other, set: hit },
      ],
      { kind: 'conflict', owner: owner.name, name, range, ...(!isOwn && { provider: other.name }) },
    );
  }
}

function append<T>(lists: Map<string, T[]>, key: string, item: T): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [item]);
  else list.push(item);
}
