// @ts-check
// Who takes part: plugins of every kind, in folders as people have them, half of them of one host and half of another.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { client, counter, fetcher, service, variantOf, villain, worker } from './guests.js';

/**
 * @typedef {'work' | 'count' | 'relay' | 'fetch' | 'example' | 'bad' | 'service'} Kind
 *
 * @typedef {object} Member a plugin of the soak
 * @property {string} name
 * @property {Kind} kind
 * @property {'shared' | 'thread' | 'process'} isolation
 * @property {boolean} anchor is never unloaded, reloaded or quarantined: what it keeps has to be there to the end
 * @property {Uint8Array} wasm
 * @property {Record<string, unknown>} manifest
 * @property {string} folder
 * @property {number} release how often it was written
 * @property {number} weight how often it is called
 * @property {boolean} disturbed something was done to it that its calls may fail of, and it goes on
 * @property {number} disturbances how often
 */

const EXAMPLES = {
  'count-vowels': ['count_vowels', 'the quick brown fox'],
  highlight: ['highlight', JSON.stringify({ lang: 'js', code: 'const a = 1;' })],
  markdown: ['render', '# hello\n\n- a\n- b'],
};
const ASKS = { hostFunctions: ['takes_text', 'wait'] };

/** Of each hundred. @type {readonly (readonly [Kind, number, Record<string, unknown>])[]} */
const MIX = [
  ['work', 20, { instance: 'stateful' }],
  ['work', 14, { instance: { pool: 3 } }],
  ['work', 12, { instance: 'per-call' }],
  ['work', 6, { activation: 'call' }],
  ['count', 10, { instance: 'stateful' }],
  ['relay', 8, {}],
  ['fetch', 8, { instance: { pool: 2 } }],
  ['example', 8, {}],
  ['bad', 12, { limits: { memoryBytes: '4MiB', timeoutMs: 150 } }],
];

/**
 * @param {object} options
 * @param {string} options.root
 * @param {string} options.host
 * @param {number} options.count
 * @param {number} options.port of the server that may be asked
 * @param {boolean} options.processes
 * @returns {Member[]}
 */
export function populate({ root, host, count, port, processes }) {
  /** @type {Member[]} */
  const members = [];
  /** @param {Kind} kind @param {Record<string, unknown>} manifest */
  const add = (kind, manifest) => {
    const i = members.length;
    const name = `${host}-${kind}-${i}`;
    // Some at a time of every kind are far apart. The last ones of a kind are alone with their thread or process.
    const isolation = i % 16 === 5 ? 'thread' : processes && i % 32 === 9 ? 'process' : 'shared';
    const services = members.filter((member) => member.kind === 'service').map((member) => member.name);
    const target = services[i % Math.max(1, services.length)] ?? '';
    const examples = /** @type {(keyof typeof EXAMPLES)[]} */ (Object.keys(EXAMPLES));
    const example = examples[i % examples.length] ?? 'markdown';
    const wasm = {
      work: () => worker,
      bad: () => villain,
      count: () => counter,
      service: () => service,
      relay: () => client(target),
      fetch: () => fetcher,
      example: () => new Uint8Array(readFileSync(`guest-examples/${example}/${example}.wasm`)),
    }[kind]();
    members.push({
      ...{ name, kind, isolation, wasm, release: 0, weight: i % 5 === 0 ? 1 : 8 },
      anchor: kind === 'service' ? i === 0 : kind === 'count' && i % 2 === 0,
      folder: join(root, host, name),
      manifest: {
        ...(kind === 'service' || kind === 'example' ? {} : { permissions: { ...ASKS } }),
        ...(kind === 'fetch' && {
          permissions: { ...ASKS, http: [{ host: '127.0.0.1', ports: [port], schemes: ['http'] }] },
        }),
        ...(kind === 'relay' && { dependencies: { [target]: '*' } }),
        ...(kind === 'example' && { description: example }),
        ...manifest,
      },
      ...{ disturbed: false, disturbances: 0 },
    });
  };
  for (let i = 0; i < Math.max(1, count / 50); i++) add('service', { instance: { pool: 2 } });
  const total = MIX.reduce((sum, [, share]) => sum + share, 0);
  /** @type {readonly (readonly [Kind, Record<string, unknown>])[]} */
  const all = MIX.flatMap(([kind, share, manifest]) =>
    Array.from({ length: Math.ceil((share / total) * count) }, () => /** @type {const} */ ([kind, manifest])),
  );
  // Every kind in turn, so that any count has some of each.
  const step = 37;
  for (let i = 0; members.length < count; i++) {
    const [kind, manifest] = all[(i * step) % all.length] ?? ['work', {}];
    add(kind, manifest);
  }
  for (const member of members) write(member);
  return members;
}

/** Writes the next version of a plugin into its folder. @param {Member} member */
export function write(member) {
  member.release++;
  const manifest = {
    ...{ manifestVersion: 1, name: member.name, version: `1.0.${member.release}`, wasm: 'plugin.wasm' },
    ...member.manifest,
  };
  mkdirSync(member.folder, { recursive: true });
  // Four modules in turn: a cache that is large enough for them has them all after a while.
  writeFileSync(join(member.folder, 'plugin.wasm'), variantOf(member.wasm, member.release % 4));
  writeFileSync(join(member.folder, 'plugin.json'), JSON.stringify(manifest));
}

/** What a member is called with. @param {Member} member @param {number} id @param {number} port */
export function callOf(member, id, port) {
  const tag = `#${id}#`;
  const dice = Math.random();
  switch (member.kind) {
    case 'count':
      return { fn: 'count', input: tag };
    case 'relay':
      return { fn: 'relay', input: tag };
    case 'fetch':
      return {
        fn: 'fetch',
        input: JSON.stringify({
          url: `http://127.0.0.1:${port}/?${tag.replaceAll('#', '.')}`,
          headers: { 'x-id': tag },
        }),
      };
    case 'bad':
      return {
        fn: ['trap', 'fail', 'spin', 'hog', 'flood', 'work'][Math.floor(dice * 6)] ?? 'trap',
        input: tag,
      };
    default:
      return {
        fn: dice < 0.02 ? 'grow' : dice < 0.1 ? 'slow' : 'work',
        input: dice > 0.98 ? tag.padEnd(100_000, '.') : tag,
      };
  }
}

/** @param {Member} member */
export function exampleCall(member) {
  const [fn = '', input = ''] =
    EXAMPLES[/** @type {keyof typeof EXAMPLES} */ (member.manifest.description)] ?? [];
  return { fn, input };
}
