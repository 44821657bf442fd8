// @ts-check
// Cordon beside its peer, @extism/extism, on the same guest in one process run: rounds are interleaved, each figure is
// the median of its rounds, and what counts is the ratio.
//
//   npm run bench            all rounds
//   npm run bench -- --smoke few and short rounds: does it run, not how fast
//   npm run bench -- --json  the figures as JSON on the last line

import { readFile } from 'node:fs/promises';
import createPlugin from '@extism/extism';
import { createHost, defineHostFunction } from 'cordon';
import { compileKernel, Kernel } from '../../dist/src/kernel/kernel.js';
import { ASKS, asksHost, asksPlugin, echo } from './guests.js';

const smoke = process.argv.includes('--smoke');
const ROUNDS = smoke ? 3 : 15;
const MS = smoke ? 20 : 200;

const silent = { trace() {}, debug() {}, info() {}, warn() {}, error() {}, child: () => silent };

const host = await createHost({
  logger: silent,
  threads: { min: 2, max: 2 },
  limits: { memoryBytes: '64MiB' },
  hostFunctions: { ask: defineHostFunction({ params: ['bytes'], result: 'bytes' }, (bytes) => bytes) },
  grants: { '*': { hostFunctions: ['ask'], plugins: ['echo'] } },
});
/** @param {string} name @param {Uint8Array} wasm @param {object} [more] */
const load = (name, wasm, more) =>
  host.load({ manifest: { manifestVersion: 1, name, version: '1.0.0', ...more }, wasm });
const cordon = await load('echo', echo);
const pooled = await load('pooled', echo, { instance: { pool: 2 } });
const fresh = await load('fresh', echo, { instance: 'per-call' });
const asking = await load('asking', asksHost, { permissions: { hostFunctions: ['ask'] } });
const calling = await load('calling', asksPlugin, { permissions: { plugins: ['echo'] } });

/** @param {Uint8Array} wasm */
const sdk = (wasm, options = {}) => createPlugin({ wasm: [{ data: wasm }] }, options);
const foreground = await sdk(echo);
const background = await sdk(echo, { runInWorker: true });
const second = await sdk(echo, { runInWorker: true });
/** @param {{ read(at: bigint): { bytes(): Uint8Array }, store(bytes: Uint8Array): bigint }} context @param {bigint} at */
const answer = (context, at) => context.store(context.read(at).bytes());
const sdkAsking = await sdk(asksHost, {
  runInWorker: true,
  functions: { 'extism:host/user': { ask: /** @type {never} */ (answer) } },
});

// The floor: the guest and the kernel alone, in this thread, without metering.
const kernel = new Kernel(
  compileKernel(),
  {
    mayGrow: () => true,
    fault: () => {
      throw new Error('bad address');
    },
    tick: () => {},
  },
  1024,
);
const { instance: rawGuest } = await WebAssembly.instantiate(echo, { 'extism:host/env': kernel.functions });
const rawEcho = /** @type {() => number} */ (rawGuest.exports.echo);
/** @param {Uint8Array} input */
const raw = async (input) => {
  kernel.reset();
  kernel.setInput(input);
  rawEcho();
};

/** @param {number} bytes */
const text = (bytes) => 'x'.repeat(bytes);
const small = text(100);
const medium = new TextEncoder().encode(text(64 * 1024));
const large = new TextEncoder().encode(text(1024 * 1024));
const IN_FLIGHT = 256;
/** @param {() => Promise<unknown>} call */
const inFlight = (call) => Promise.all(Array.from({ length: IN_FLIGHT }, call));
/** @param {typeof background} plugin @param {number} times */
const oneByOne = async (plugin, times) => {
  for (let i = 0; i < times; i++) await plugin.call('echo', small);
};

/**
 * @typedef {{ [variant: string]: () => Promise<unknown> }} Variants
 * @type {{ name: string, perRun: number, variants: Variants }[]}
 */
const rows = [
  {
    name: 'echo 100 B, one caller',
    perRun: 1,
    variants: {
      cordon: () => cordon.call('echo', small),
      background: () => background.call('echo', small),
      foreground: () => foreground.call('echo', small),
    },
  },
  {
    name: 'echo 100 B, 256 in flight, two threads (the SDK takes one at a time in each)',
    perRun: IN_FLIGHT,
    variants: {
      cordon: () => inFlight(() => pooled.call('echo', small)),
      background: () => Promise.all([oneByOne(background, IN_FLIGHT / 2), oneByOne(second, IN_FLIGHT / 2)]),
    },
  },
  {
    name: 'echo 100 B, 256 in flight, one thread',
    perRun: IN_FLIGHT,
    variants: {
      cordon: () => inFlight(() => cordon.call('echo', small)),
      background: () => oneByOne(background, IN_FLIGHT),
    },
  },
  {
    name: 'echo 100 B, 256 in flight, a fresh instance for each call',
    perRun: IN_FLIGHT,
    variants: { cordon: () => inFlight(() => fresh.call('echo', small)) },
  },
  ...[medium, large].map((input) => ({
    name: `echo ${input.byteLength / 1024} KiB, one caller`,
    perRun: 1,
    variants: {
      cordon: () => cordon.call('echo', input),
      background: () => background.call('echo', input),
      foreground: () => foreground.call('echo', input),
      raw: () => raw(input),
    },
  })),
  {
    name: 'host function, called by a guest',
    perRun: ASKS,
    variants: {
      cordon: () => asking.call('run', small),
      background: () => sdkAsking.call('run', small),
    },
  },
  {
    name: 'plugin, called by another (the SDK: a host function instead)',
    perRun: ASKS,
    variants: {
      cordon: () => calling.call('run', small),
      background: () => sdkAsking.call('run', small),
    },
  },
  {
    name: 'load a plugin whose module is compiled',
    perRun: 1,
    variants: {
      cordon: async () => {
        const plugin = await load('again', echo);
        await plugin.unload();
      },
      background: async () => {
        const plugin = await sdk(echo, { runInWorker: true });
        await plugin.close();
      },
    },
  },
];

/**
 * Microseconds for one call, over about MS milliseconds.
 * @param {() => Promise<unknown>} run @param {number} perRun @param {number[]} [each]
 */
async function measure(run, perRun, each) {
  const start = performance.now();
  let runs = 0;
  let now = start;
  do {
    const before = now;
    await run();
    runs++;
    now = performance.now();
    each?.push(((now - before) / perRun) * 1000);
  } while (now - start < MS);
  return ((now - start) / runs / perRun) * 1000;
}

/** @param {number[]} values */
const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

const results = [];
for (const { name, perRun, variants } of rows) {
  /** @type {Record<string, number[]>} */
  const times = {};
  /** @type {number[]} */
  const each = [];
  for (const run of Object.values(variants)) await measure(run, perRun);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [variant, run] of Object.entries(variants)) {
      times[variant] ??= [];
      times[variant].push(await measure(run, perRun, variant === 'cordon' ? each : undefined));
    }
  }
  const microseconds = Object.fromEntries(
    Object.entries(times).map(([variant, list]) => [variant, median(list)]),
  );
  const ratios = Object.fromEntries(
    Object.entries(microseconds)
      .filter(([variant]) => variant !== 'cordon')
      .map(([variant, value]) => [variant, value / (microseconds.cordon ?? Number.NaN)]),
  );
  each.sort((a, b) => a - b);
  const p50 = each[each.length >> 1] ?? Number.NaN;
  const p99 = each[Math.floor(each.length * 0.99)] ?? Number.NaN;
  results.push({ name, microseconds, ratios, p50, p99 });
  const shown = Object.entries(ratios).map(([variant, ratio]) =>
    ratio < 1
      ? `${(1 / ratio).toFixed(1)} × slower than ${variant}`
      : `${ratio.toFixed(1)} × faster than ${variant}`,
  );
  const mean = (microseconds.cordon ?? 0).toFixed(1);
  console.log([`${name}: ${mean} µs (p50 ${p50.toFixed(1)}, p99 ${p99.toFixed(1)})`, ...shown].join('; '));
}

await host.close();
for (const plugin of [foreground, background, second, sdkAsking]) await plugin.close();
if (process.argv.includes('--json')) {
  const { version } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'));
  console.log(JSON.stringify({ version, node: process.version, rounds: ROUNDS, results }));
}
