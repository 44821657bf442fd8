// @ts-check
import { echo } from '../guests.js';
import { inFlight, inMemory, openHost } from '../hosts.js';
import { background } from '../peers/extism.js';
import { piscina } from '../peers/piscina.js';

const input = 'x'.repeat(100);
const IN_FLIGHT = 256;

/** @type {import('../bench.js').Row} */
export default {
  name: 'echo-in-flight',
  title: 'Echo of 100 B, 256 in flight, two threads',
  unit: 'calls/s',
  better: 'higher',
  log: true,
  bar: [
    {
      says: '… × the calls/s of Extism background (one plugin a thread, two threads)',
      atLeast: 80,
      of: ({ background, cordon }) => cordon / background,
    },
  ],
  async run(bench) {
    const host = await openHost(bench, { threads: { min: 2, max: 2 } });
    const plugin = await host.load(inMemory('echo', echo, { instance: { pool: 2 } }));
    const two = [await background(bench, echo), await background(bench, echo)];
    const pool = piscina(bench, echo, 2);
    return bench.compare({
      cordon: bench.rate(() => inFlight(IN_FLIGHT, () => plugin.call('echo', input)), { perRun: IN_FLIGHT }),
      // One call at a time is all that one of these takes.
      background: bench.rate(
        () =>
          Promise.all(
            two.map(async (one) => {
              for (let i = 0; i < IN_FLIGHT / 2; i++) await one.call('echo', input);
            }),
          ),
        { perRun: IN_FLIGHT },
      ),
      piscina: bench.rate(() => inFlight(IN_FLIGHT, () => pool('echo', input)), { perRun: IN_FLIGHT }),
    });
  },
};
