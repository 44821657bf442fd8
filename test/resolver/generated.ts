import type { Candidate, VersionSource } from '../../src/resolver/candidate.js';
import { candidate, type VersionInput } from './universe.js';

/** A universe that is built once and answers without work of its own, for measuring the solver and nothing else. */
export interface Generated {
  readonly source: VersionSource<Candidate>;
  readonly plugins: ReadonlyMap<string, readonly Candidate[]>;
  readonly specs: readonly string[];
}

/** A small generator of numbers from 0 up to 1 that gives the same for the same seed (mulberry32's constants). */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A universe of these plugins. */
export function generated(
  plugins: ReadonlyMap<string, readonly Candidate[]>,
  specs: readonly string[],
): Generated {
  return {
    plugins,
    specs,
    source: {
      sources: [{ id: 'generated' }],
      candidates: async (name) => plugins.get(name) ?? [],
      providers: async () => [],
      names: async () => [...plugins.keys()],
      broken: async () => [],
    },
  };
}

const version = (number: number): string => `${1 + Math.floor(number / 10)}.${number % 10}.0`;
const pad = (number: number): string => String(number).padStart(4, '0');

/**
 * The shape of a real ecosystem: plugins with three majors of ten minors, each version with dependencies on later plugins
 * in caret ranges of about its own age. Now and then a version lags a major behind, which takes wrong turns to find out.
 * There is a solution, because one version of each plugin accepts one of each other.
 */
export function ecosystem(options: {
  plugins: number;
  dependencies: number;
  lag: number;
  seed: number;
}): Generated {
  const { plugins: count, dependencies, lag } = options;
  const next = random(options.seed);
  const below = (limit: number): number => Math.floor(next() * limit);
  const versions = 30;
  const accepted = Array.from({ length: count }, () => versions - 1 - below(4));
  const plugins = new Map<string, readonly Candidate[]>();
  for (let i = 0; i < count; i++) {
    const candidates: Candidate[] = [];
    const targets = new Set<number>();
    while (targets.size < Math.min(dependencies, count - 1 - i)) targets.add(i + 1 + below(count - 1 - i));
    for (let v = 0; v < versions; v++) {
      const needs: Record<string, string> = {};
      for (const target of targets) {
        const limit = v === accepted[i] ? accepted[target]! : v;
        const behind = v !== accepted[i] && next() < lag ? 10 : 0;
        const major = Math.floor(Math.max(0, limit - behind) / 10) * 10;
        needs[`p${pad(target)}`] = `^${version(major + below(Math.max(1, (limit % 10) - 3)))}`;
      }
      candidates.push(candidate(`p${pad(i)}`, version(v), { dependencies: needs }));
    }
    plugins.set(`p${pad(i)}`, candidates);
  }
  return generated(plugins, ['p0000', 'p0001', 'p0002', 'p0003', 'p0004']);
}

/**
 * Deep backtracking: the first decision is wrong, and only the last plugin shows it. Going back one step at a time tries
 * every combination of those in between.
 */
export function deep(width: number, versions: number): Generated {
  const plugins = new Map<string, readonly Candidate[]>();
  const add = (name: string, inputs: readonly VersionInput[]): void => {
    plugins.set(
      name,
      inputs.map((input, i) => candidate(name, `${i + 1}.0.0`, input)),
    );
  };
  const names = Array.from({ length: width }, (_, i) => `m${pad(i)}`);
  add('first', Array(versions).fill({}));
  for (const name of names) add(name, Array(versions).fill({}));
  add('last', [{ dependencies: { first: '^1' } }]);
  return generated(plugins, ['first', ...names, 'last']);
}

/**
 * Wide diamonds: every plugin of a layer needs the shared one in a range of its own, and only their oldest versions
 * agree.
 */
export function diamonds(layers: number, width: number, versions: number): Generated {
  const plugins = new Map<string, readonly Candidate[]>();
  const specs: string[] = [];
  for (let layer = 0; layer < layers; layer++) {
    const shared = `z${pad(layer)}`;
    plugins.set(
      shared,
      Array.from({ length: versions }, (_, v) => candidate(shared, `${v + 1}.0.0`)),
    );
    for (let i = 0; i < width; i++) {
      const name = `a${pad(layer)}-${pad(i)}`;
      specs.push(name);
      plugins.set(
        name,
        Array.from({ length: versions }, (_, v) => {
          // The oldest accept the oldest; each other one has its own idea.
          const wanted = v === 0 ? 1 : 2 + ((v + i) % (versions - 1));
          return candidate(name, `${v + 1}.0.0`, { dependencies: { [shared]: `^${wanted}` } });
        }),
      );
    }
  }
  return generated(plugins, specs);
}

/**
 * One version too few: each plugin wants a version that nobody else has. No solver that reasons by resolution sees that
 * without trying nearly everything.
 */
export function pigeons(count: number): Generated {
  const names = Array.from({ length: count }, (_, i) => `p${pad(i)}`);
  const plugins = new Map(
    names.map((name) => [
      name,
      Array.from({ length: count - 1 }, (_, v) => {
        const others = names.filter((other) => other !== name);
        const conflicts = Object.fromEntries(others.map((other) => [other, `${v + 1}.0.0`]));
        return candidate(name, `${v + 1}.0.0`, { conflicts });
      }),
    ]),
  );
  return generated(plugins, names);
}
