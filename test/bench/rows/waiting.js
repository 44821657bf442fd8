// @ts-check
import { defineHostFunction } from 'cordon';
import { waits } from '../guests.js';
import { inFlight, inMemory, openHost } from '../hosts.js';
import { background } from '../peers/extism.js';

const WAIT_MS = 100;
/** Instances of the plugin, and threads: a call that waits holds one of each. */
const INSTANCES = 34;
const wait = () => new Promise((resolve) => setTimeout(() => resolve(new Uint8Array(1)), WAIT_MS));

/** @type {import('../bench.js').Row} */
export default {
  name: 'waiting',
  title: '10 000 calls in flight, each waits 100 ms for an async host function',
  unit: 'ms until all are done',
  better: 'lower',
  log: true,
  bar: [
    {
      says: 'done within … × one wait (Node 24 and later, by suspending guests)',
      atMost: 3,
      of: ({ cordon }) => cordon / WAIT_MS,
    },
    {
      says: '… × of what a pool of 34 blocked threads allows (Node 20 and 22)',
      atMost: 1.25,
      of: (round) => round.cordon / round['34 at a time, at best'],
    },
  ],
  async run(bench) {
    const calls = bench.smoke ? 100 : 1000;
    const scale = 10_000 / calls;
    bench.note(`${calls} calls are measured; the figures are ${scale} times as much`);
    const host = await openHost(bench, {
      hostFunctions: { wait: defineHostFunction({ params: ['bytes'], result: 'bytes' }, wait) },
      grants: { '*': { hostFunctions: ['wait'] } },
      limits: { instances: INSTANCES, queueTimeoutMs: 300_000 },
      threads: { min: 1, max: INSTANCES },
      budget: { queuedCalls: calls },
    });
    const permissions = { hostFunctions: ['wait'] };
    const plugin = await host.load(inMemory('waits', waits, { permissions, instance: { pool: INSTANCES } }));
    const answer = async (/** @type {import('@extism/extism').CallContext} */ context) =>
      context.store(await wait());
    const sdk = await background(bench, waits, { functions: { 'extism:host/user': { wait: answer } } });
    bench.note('one background plugin of the SDK makes its calls one after the other: 10 are measured');
    // The threads come with the first calls that block.
    await inFlight(INSTANCES, () => plugin.call('run', 'x'));
    return bench.compare(
      {
        cordon: async () => {
          const start = performance.now();
          await inFlight(calls, () => plugin.call('run', 'x'));
          return (performance.now() - start) * scale;
        },
        background: async () => {
          const start = performance.now();
          for (let i = 0; i < 10; i++) await sdk.call('run', 'x');
          return ((performance.now() - start) / 10) * calls * scale;
        },
        '34 at a time, at best': async () => Math.ceil(calls / INSTANCES) * WAIT_MS * scale,
      },
      { rounds: 1, warmUp: 0 },
    );
  },
};
