// @ts-check
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { worker } from '../guests.js';
import { inMemory, openHost } from '../hosts.js';

/** @type {import('../bench.js').Row} */
export default {
  name: 'event-loop',
  title: "Delay of the host's event loop (p99)",
  unit: 'ms',
  better: 'lower',
  bar: [
    {
      says: '… ms while two threads are saturated',
      atMost: 10,
      of: (round) => round['two threads saturated'],
    },
  ],
  async run(bench) {
    const host = await openHost(bench, { threads: { min: 2, max: 2 } });
    const plugin = await host.load(inMemory('four', worker, { instance: { pool: 4 } }));
    const ms = bench.smoke ? 200 : 2000;
    /** @param {() => Promise<unknown>} work */
    const delay = async (work) => {
      // It measures from timer to timer: a resolution of 1 ms is a part of each value.
      const histogram = monitorEventLoopDelay({ resolution: 1 });
      histogram.enable();
      await work();
      histogram.disable();
      return histogram.percentile(99) / 1e6;
    };
    return bench.compare({
      idle: () => delay(() => new Promise((resolve) => setTimeout(resolve, ms))),
      'two threads saturated': () =>
        delay(async () => {
          const end = performance.now() + ms;
          const callers = Array.from({ length: 8 }, async () => {
            while (performance.now() < end) await plugin.call('burn');
          });
          await Promise.all(callers);
        }),
    });
  },
};
