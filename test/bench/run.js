// @ts-check
// Cordon beside its peer, @extism/extism, on the same guest in one process run: rounds are interleaved, each figure is
// the median of its rounds, and what counts is the ratio.
//
//   npm run bench            all rounds
//   npm run bench -- --smoke few and short rounds: does it run, not how fast
//   npm run bench -- --json  the figures as JSON on the last line

import { readFile } from 'node:fs/promises';
import createPlugin from '@extism/extism';
import { createHost } from 'cordon';
import wabt from 'wabt';

const smoke = process.argv.includes('--smoke');
const ROUNDS = smoke ? 3 : 15;
const MS = smoke ? 20 : 200;

const wat = `(module
  (import "extism:host/env" "input_length" (func $input_length (result i64)))
  (import "extism:host/env" "input_load_u8" (func $input_load_u8 (param i64) (result i32)))
  (import "extism:host/env" "input_load_u64" (func $input_load_u64 (param i64) (result i64)))
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "store_u8" (func $store_u8 (param i64 i32)))
  (import "extism:host/env" "store_u64" (func $store_u64 (param i64 i64)))
  (import "extism:host/env" "output_set" (func $output_set (param i64 i64)))
  (memory (export "memory") 1)
  ;; Copies its input to its output, as a plug-in kit does: eight bytes at a time, then the rest.
  (func (export "echo") (result i32)
    (local $n i64) (local $i i64) (local $to i64)
    (local.set $n (call $input_length))
    (local.set $to (call $alloc (local.get $n)))
    (block $words_done (loop $words
      (br_if $words_done (i64.gt_u (i64.add (local.get $i) (i64.const 8)) (local.get $n)))
      (call $store_u64 (i64.add (local.get $to) (local.get $i)) (call $input_load_u64 (local.get $i)))
      (local.set $i (i64.add (local.get $i) (i64.const 8)))
      (br $words)))
    (block $bytes_done (loop $bytes
      (br_if $bytes_done (i64.ge_u (local.get $i) (local.get $n)))
      (call $store_u8 (i64.add (local.get $to) (local.get $i)) (call $input_load_u8 (local.get $i)))
      (local.set $i (i64.add (local.get $i) (i64.const 1)))
      (br $bytes)))
    (call $output_set (local.get $to) (local.get $n))
    (i32.const 0)))`;

const module = (await wabt()).parseWat('echo.wat', wat);
const wasm = new Uint8Array(module.toBinary({}).buffer);
const silent = { trace() {}, debug() {}, info() {}, warn() {}, error() {}, child: () => silent };

const host = await createHost({ logger: silent, limits: { memoryBytes: '64MiB' } });
const cordon = await host.load({ manifest: { manifestVersion: 1, name: 'echo', version: '1.0.0' }, wasm });
const foreground = await createPlugin({ wasm: [{ data: wasm }] }, {});
const background = await createPlugin({ wasm: [{ data: wasm }] }, { runInWorker: true });

/** @param {number} bytes */
const text = (bytes) => 'x'.repeat(bytes);
const small = text(100);
const medium = new TextEncoder().encode(text(64 * 1024));
const large = new TextEncoder().encode(text(1024 * 1024));

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
    name: 'echo 100 B, 256 in flight (the SDK takes one at a time)',
    perRun: 256,
    variants: {
      cordon: () => Promise.all(Array.from({ length: 256 }, () => cordon.call('echo', small))),
      background: async () => {
        for (let i = 0; i < 256; i++) await background.call('echo', small);
      },
    },
  },
  {
    name: 'echo 64 KiB, one caller',
    perRun: 1,
    variants: {
      cordon: () => cordon.call('echo', medium),
      background: () => background.call('echo', medium),
      foreground: () => foreground.call('echo', medium),
    },
  },
  {
    name: 'echo 1 MiB, one caller',
    perRun: 1,
    variants: {
      cordon: () => cordon.call('echo', large),
      background: () => background.call('echo', large),
      foreground: () => foreground.call('echo', large),
    },
  },
  {
    name: 'load a plugin whose module is compiled',
    perRun: 1,
    variants: {
      cordon: async () => {
        const plugin = await host.load({
          manifest: { manifestVersion: 1, name: 'again', version: '1.0.0' },
          wasm,
        });
        await plugin.unload();
      },
      background: async () => {
        const plugin = await createPlugin({ wasm: [{ data: wasm }] }, { runInWorker: true });
        await plugin.close();
      },
    },
  },
];

/** Microseconds for one call, over about MS milliseconds. @param {() => Promise<unknown>} run @param {number} perRun */
async function measure(run, perRun) {
  const start = performance.now();
  let runs = 0;
  do {
    await run();
    runs++;
  } while (performance.now() - start < MS);
  return ((performance.now() - start) / runs / perRun) * 1000;
}

/** @param {number[]} values */
const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

const results = [];
for (const { name, perRun, variants } of rows) {
  /** @type {Record<string, number[]>} */
  const times = {};
  for (const run of Object.values(variants)) await measure(run, perRun);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [variant, run] of Object.entries(variants)) {
      times[variant] ??= [];
      times[variant].push(await measure(run, perRun));
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
  results.push({ name, microseconds, ratios });
  const shown = Object.entries(ratios).map(
    ([variant, ratio]) => `${ratio.toFixed(1)} × faster than ${variant}`,
  );
  console.log(`${name}: ${(microseconds.cordon ?? 0).toFixed(1)} µs; ${shown.join(', ')}`);
}

await host.close();
await background.close();
await foreground.close();
if (process.argv.includes('--json')) {
  const { version } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'));
  console.log(JSON.stringify({ version, node: process.version, rounds: ROUNDS, results }));
}
