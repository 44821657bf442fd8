// @ts-check
import { worker } from '../guests.js';
import { inFlight, inMemory, openHost } from '../hosts.js';
import { background } from '../peers/extism.js';
import { piscina } from '../peers/piscina.js';

const CALLS = 16;

/** @type {import('../bench.js').Row} */
export default {
  name: 'pool-cpu',
  title: 'A plugin that computes: one instance, and a pool of 4 on two threads',
  unit: 'calls/s',
  better: 'higher',
  bar: [
    {
      says: 'the pool does … × the calls/s of one instance',
      atLeast: 1.8,
      of: (round) => round['cordon, pool of 4'] / round['cordon, one'],
    },
  ],
  async run(bench) {
    const host = await openHost(bench, { threads: { min: 2, max: 2 } });
    const one = await host.load(inMemory('one', worker));
    const four = await host.load(inMemory('four', worker, { instance: { pool: 4 } }));
    const two = [await background(bench, worker), await background(bench, worker)];
    const single = piscina(bench, worker, 1);
    const double = piscina(bench, worker, 2);
    const options = { perRun: CALLS, ms: bench.smoke ? 10 : 500 };
    const all = (/** @type {() => Promise<unknown>} */ call) =>
      bench.rate(() => inFlight(CALLS, call), options);
    const turns = async (/** @type {typeof two[0]} */ plugin, /** @type {number} */ calls) => {
      for (let i = 0; i < calls; i++) await plugin.call('burn');
    };
    return bench.compare({
      'cordon, one': all(() => one.call('burn')),
      'cordon, pool of 4': all(() => four.call('burn')),
      'background, one': bench.rate(() => turns(two[0], CALLS), options),
      'background, two': bench.rate(
        () => Promise.all(two.map((plugin) => turns(plugin, CALLS / 2))),
        options,
      ),
      'piscina, one thread': all(() => single('burn', '')),
      'piscina, two threads': all(() => double('burn', '')),
    });
  },
};
