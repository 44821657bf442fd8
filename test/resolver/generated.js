// @ts-check
import { candidate } from './candidate.js';

/**
 * @typedef {import('../../src/resolver/candidate.js').Candidate} Candidate
 * @typedef {import('./universe.js').VersionInput} VersionInput
 */

/**
 * A universe that is built once and answers without work of its own, for measuring the solver and nothing else.
 * @typedef {object} Generated
 * @property {import('../../src/resolver/candidate.js').VersionSource<Candidate>} source
 * @property {ReadonlyMap<string, readonly Candidate[]>} plugins
 * @property {readonly string[]} specs
 * @property {Readonly<Record<string, string>>} [locked] One set that fits together, in old versions.
 */

/**
 * A small generator of numbers from 0 up to 1 that gives the same for the same seed (mulberry32's constants).
 * @param {number} seed
 * @returns {() => number}
 */
export function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * A universe of these plugins.
 * @param {ReadonlyMap<string, readonly Candidate[]>} plugins
 * @param {readonly string[]} specs
 * @returns {Generated}
 */
export function generated(plugins, specs) {
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

/** @param {number} number */
const pad = (number) => String(number).padStart(4, '0');

const VERSIONS = 30;

/**
 * The shape of a real ecosystem: plugins with three majors of ten minors, each version with dependencies on later plugins
 * in caret ranges of about its own age, the newest first as sources answer. There is a solution, because one version of
 * each plugin accepts one of each other.
 * @param {object} shape
 * @param {number} shape.plugins
 * @param {number} shape.dependencies Of each plugin.
 * @param {number} shape.lag The share of ranges that are a major behind, which takes wrong turns to find out.
 * @param {boolean} [shape.isVaried] Every plugin has patches of its own, and every fourth range is none with a caret. So
 *   nearly every version and range is another text, and has to be read. Default: all plugins have the same 30 versions.
 * @param {boolean} [shape.isBroken] The last plugin that is needed wants a newer one than there is: nothing fits.
 * @param {number} shape.seed
 * @returns {Generated}
 */
export function ecosystem({ plugins: count, dependencies, lag, isVaried = false, isBroken = false, seed }) {
  const next = random(seed);
  /** @param {number} limit */
  const below = (limit) => Math.floor(next() * limit);
  const accepted = Array.from({ length: count }, () => VERSIONS - 1 - below(4));
  /** @param {number} plugin @param {number} number */
  const version = (plugin, number) =>
    `${1 + Math.floor(number / 10)}.${number % 10}.${isVaried ? (plugin * 7 + number * 13) % 40 : 0}`;
  /** @param {number} plugin @param {number} number */
  const range = (plugin, number) => {
    const from = version(plugin, number);
    const major = Number(from[0]);
    if (!isVaried || (plugin + number) % 4 !== 0) return `^${from}`;
    return [`>=${from} <${major + 1}`, `${major}.x`, `${from} - ${major}.9`][plugin % 3] ?? '';
  };
  /** @type {Map<string, readonly Candidate[]>} */
  const plugins = new Map();
  for (let i = 0; i < count; i++) {
    /** @type {Candidate[]} */
    const candidates = [];
    /** @type {Set<number>} */
    const targets = new Set();
    while (targets.size < Math.min(dependencies, count - 1 - i)) targets.add(i + 1 + below(count - 1 - i));
    for (let v = 0; v < VERSIONS; v++) {
      /** @type {Record<string, string>} */
      const needs = {};
      for (const target of targets) {
        const limit = v === accepted[i] ? (accepted[target] ?? 0) : v;
        const behind = v !== accepted[i] && next() < lag ? 10 : 0;
        const major = Math.floor(Math.max(0, limit - behind) / 10) * 10;
        needs[`p${pad(target)}`] = range(target, major + below(Math.max(1, (limit % 10) - 3)));
      }
      if (isBroken && i === count - 2) needs[`p${pad(count - 1)}`] = '^4.0.0';
      candidates.push(candidate(`p${pad(i)}`, version(i, v), { dependencies: needs }));
    }
    plugins.set(`p${pad(i)}`, candidates.reverse());
  }
  const specs = ['p0000', 'p0001', 'p0002', 'p0003', 'p0004'];
  const locked = Object.fromEntries(accepted.map((v, i) => [`p${pad(i)}`, version(i, v)]));
  return { ...generated(plugins, specs), locked };
}

/**
 * Deep backtracking: the first decision is wrong, and only the last plugin shows it. Going back one step at a time tries
 * every combination of those in between.
 * @param {number} width
 * @param {number} versions
 * @returns {Generated}
 */
export function deep(width, versions) {
  /** @type {Map<string, readonly Candidate[]>} */
  const plugins = new Map();
  /** @param {string} name @param {readonly VersionInput[]} inputs */
  const add = (name, inputs) => {
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
 * @param {number} layers
 * @param {number} width
 * @param {number} versions
 * @returns {Generated}
 */
export function diamonds(layers, width, versions) {
  /** @type {Map<string, readonly Candidate[]>} */
  const plugins = new Map();
  /** @type {string[]} */
  const specs = [];
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
 * @param {number} count
 * @returns {Generated}
 */
export function pigeons(count) {
  const names = Array.from({ length: count }, (_, i) => `p${pad(i)}`);
  /** @type {Map<string, readonly Candidate[]>} */
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
