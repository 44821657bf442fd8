// @ts-check
import { defineHostFunction } from 'cordon';
import { ASKS, asksHost, asksPlugin, echo } from './guests.js';
import { inMemory, openHost } from './hosts.js';
import { background, extism } from './peers/extism.js';

const input = 'x'.repeat(100);
/** @param {Uint8Array} bytes */
const later = async (bytes) => {
  await null;
  return bytes;
};

/**
 * A row of what a guest asks its host, twenty times a call.
 * @param {string} name @param {string} title @param {'sync' | 'async' | 'plugin'} kind
 * @returns {import('./bench.js').Row}
 */
export const askRow = (name, title, kind) => ({
  name,
  title,
  unit: 'µs a question',
  better: 'lower',
  log: true,
  bar: [
    {
      says: 'Extism background takes … × as long',
      atLeast: 5,
      of: (round) => round.background / round.cordon,
    },
  ],
  async run(bench) {
    const host = await openHost(bench, {
      threads: { min: 1, max: 1 },
      hostFunctions: {
        ask: defineHostFunction(
          { params: ['bytes'], result: 'bytes' },
          kind === 'async' ? later : (bytes) => bytes,
        ),
      },
      grants: { '*': { hostFunctions: ['ask'], plugins: ['echo'] } },
    });
    await host.load(inMemory('echo', echo));
    const permissions = kind === 'plugin' ? { plugins: ['echo'] } : { hostFunctions: ['ask'] };
    const asks = await host.load(
      inMemory('asks', kind === 'plugin' ? asksPlugin : asksHost, { permissions }),
    );
    const other = await extism(bench, echo);
    /** @type {Record<typeof kind, (context: import('@extism/extism').CallContext, at: bigint) => unknown>} */
    const answers = {
      sync: (context, at) => context.store(context.read(at)?.bytes() ?? ''),
      async: async (context, at) => context.store(await later(context.read(at)?.bytes() ?? new Uint8Array())),
      // The SDK has no calls between plugins: a host function that calls the other one, in its foreground.
      plugin: async (context, at) =>
        context.store((await other.call('echo', context.read(at)?.bytes()))?.bytes() ?? ''),
    };
    const functions = { 'extism:host/user': { ask: answers[kind] } };
    const inBackground = await background(bench, asksHost, { functions });
    const inForeground = kind === 'sync' ? await extism(bench, asksHost, { functions }) : undefined;
    return bench.compare({
      cordon: bench.time(() => asks.call('run', input), { perRun: ASKS }),
      background: bench.time(() => inBackground.call('run', input), { perRun: ASKS }),
      foreground: inForeground && bench.time(() => inForeground.call('run', input), { perRun: ASKS }),
    });
  },
});
