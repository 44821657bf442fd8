// @ts-check

import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { defineHostFunction } from 'cordon';
import { waits } from '../guests.js';
import { inMemory, openHost } from '../hosts.js';
import { background } from '../peers/extism.js';

const WAIT_MS = 100;
const CALLS = 10_000;
const canSuspend = 'Suspending' in WebAssembly;
// As an application would that wants more than 7 000 instances: before anything with a memory of 64 bits is compiled.
if (canSuspend) setFlagsFromString('--no-wasm-memory64-trap-handling');
/**
 * Where a guest that waits blocks its thread, that takes an instance and a thread each. Where guests are suspended, one
 * thread has them all: ten plugins of the largest pool there is.
 */
const { plugins, pool, threads } = canSuspend
  ? { plugins: 10, pool: 1000, threads: 1 }
  : { plugins: 1, pool: 34, threads: 34 };
const INSTANCES = plugins * pool;
const wait = () => new Promise((resolve) => setTimeout(() => resolve(new Uint8Array(1)), WAIT_MS));

/** KiB of this process in memory. */
const resident = () =>
  process.platform === 'linux'
    ? Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1])
    : process.memoryUsage.rss() / 1024;

/** @type {import('../bench.js').Row} */
export default {
  name: 'waiting',
  title: '10 000 calls in flight, each waits 100 ms for an async host function',
  unit: 'ms until all are done',
  better: 'lower',
  log: true,
  bar: [
    {
      says: 'done within … × one wait on one thread, by suspending guests',
      atMost: 3,
      of: ({ cordon }) => Number(cordon) / WAIT_MS,
      ...(!canSuspend && { skip: 'Node 24 and later' }),
    },
    {
      says: '… KiB for each instance that waits, the guest’s own pages included',
      atMost: 16,
      of: (round) => Number(round['KiB a waiting call']),
      ...(!canSuspend && { skip: 'Node 24 and later' }),
    },
    {
      says: `… × of what a pool of ${INSTANCES} blocked threads allows`,
      atMost: 1.25,
      of: (round) => Number(round.cordon) / Number(round['34 at a time, at best']),
      ...(canSuspend && { skip: 'Node 20 and 22' }),
    },
  ],
  async run(bench) {
    const calls = bench.smoke ? 100 : canSuspend ? CALLS : CALLS / 10;
    const scale = CALLS / calls;
    if (scale > 1) bench.note(`${calls} calls are measured; the figures are ${scale} times as much`);
    if (canSuspend) {
      bench.note(`${INSTANCES} instances, of ${plugins} plugins, on one thread`);
    }
    const host = await openHost(bench, {
      hostFunctions: { wait: defineHostFunction({ params: ['bytes'], result: 'bytes' }, wait) },
      grants: { '*': { hostFunctions: ['wait'] } },
      limits: { instances: INSTANCES, queueTimeoutMs: 300_000 },
      threads: { min: 1, max: threads },
      budget: { queuedCalls: CALLS, concurrentCalls: CALLS, instances: INSTANCES, memoryBytes: '2GiB' },
    });
    const permissions = { hostFunctions: ['wait'] };
    const loaded = await host.load(
      Array.from({ length: plugins }, (_, i) =>
        inMemory(`waits-${i}`, waits, { permissions, instance: { pool } }),
      ),
    );
    /** @param {number} count */
    const burst = (count) =>
      Promise.all(Array.from({ length: count }, (_, i) => loaded[i % plugins]?.call('run', 'x')));
    const answer = async (/** @type {import('@extism/extism').CallContext} */ context) =>
      context.store(await wait());
    const sdk = await background(bench, waits, { functions: { 'extism:host/user': { wait: answer } } });
    bench.note('one background plugin of the SDK makes its calls one after the other: 10 are measured');
    const before = resident();
    // Instances, and threads that block, come with the first calls.
    await burst(bench.smoke ? calls : Math.max(INSTANCES, calls / 10));
    const kib = (resident() - before) / host.stats().instances;
    return bench.compare(
      {
        cordon: async () => {
          const start = performance.now();
          await burst(calls);
          return (performance.now() - start) * scale;
        },
        background: async () => {
          const start = performance.now();
          for (let i = 0; i < 10; i++) await sdk.call('run', 'x');
          return ((performance.now() - start) / 10) * calls * scale;
        },
        ...(canSuspend
          ? { 'KiB a waiting call': async () => kib }
          : { '34 at a time, at best': async () => Math.ceil(calls / INSTANCES) * WAIT_MS * scale }),
      },
      canSuspend ? {} : { rounds: 1, warmUp: 0 },
    );
  },
};
