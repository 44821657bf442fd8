// @ts-check
import { worker } from '../guests.js';
import { inMemory, openHost } from '../hosts.js';

const GOOD = 9;
const DEADLINE_MS = 20;
const sleep = (/** @type {number} */ ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** @type {import('../bench.js').Row} */
export default {
  name: 'runaway',
  title: 'Nine plugins beside one that spins to its deadline 50 times, two threads',
  unit: 'calls/s of the nine',
  better: 'higher',
  bar: [
    {
      says: '… of their calls/s are kept, each asking every 5 ms',
      atLeast: 0.9,
      of: (round) => round['steady, beside a runaway'] / round['steady, alone'],
    },
    {
      says: '… of their calls/s are kept, each asking as fast as it is answered',
      atLeast: 0.9,
      of: (round) => round['at full speed, beside a runaway'] / round['at full speed, alone'],
    },
  ],
  async run(bench) {
    const stops = bench.smoke ? 3 : 50;
    const host = await openHost(bench, {
      threads: { min: 2, max: 2 },
      quarantine: { maxViolations: Number.POSITIVE_INFINITY },
    });
    const good = await host.load(Array.from({ length: GOOD }, (_, i) => inMemory(`good-${i}`, worker)));
    const bad = await host.load(inMemory('bad', worker));
    await bad.call('count');
    /** Calls that each of the good ones has had: its state says the same, or it was lost. */
    const expected = good.map(() => 0);

    /** @param {number} everyMs @param {() => Promise<unknown>} work */
    const callsBeside = async (everyMs, work) => {
      let going = true;
      let calls = 0;
      const start = performance.now();
      const callers = good.map(async (plugin, i) => {
        for (let next = start; going; next += everyMs) {
          const output = await plugin.call('count');
          const count = Number(new DataView(output.bytes().slice().buffer).getBigUint64(0, true));
          expected[i]++;
          if (count !== expected[i])
            throw new Error(`State lost: call ${expected[i]} says it is call ${count}.`);
          calls++;
          const rest = next + everyMs - performance.now();
          if (everyMs > 0 && rest > 0) await sleep(rest);
        }
      });
      await work();
      going = false;
      await Promise.all(callers);
      return calls / ((performance.now() - start) / 1000);
    };
    const alone = () => sleep(stops * DEADLINE_MS);
    const beside = async () => {
      for (let i = 0; i < stops; i++) {
        const error = await bad.call('spin', '', { timeoutMs: DEADLINE_MS }).then(
          () => undefined,
          (/** @type {any} */ reason) => reason,
        );
        if (error?.code !== 'ERR_TIMEOUT') throw error ?? new Error('The runaway returned.');
      }
    };
    const samples = await bench.compare({
      'steady, alone': () => callsBeside(5, alone),
      'steady, beside a runaway': () => callsBeside(5, beside),
      'at full speed, alone': () => callsBeside(0, alone),
      'at full speed, beside a runaway': () => callsBeside(0, beside),
    });
    bench.note(`no state was lost in ${expected.reduce((sum, calls) => sum + calls, 0)} calls`);
    return samples;
  },
};
