// @ts-check
import createPlugin from '@extism/extism';
import { fresh } from '../guests.js';
import { inFlight, inMemory, openHost } from '../hosts.js';
import { native } from '../peers/native.js';

const IN_FLIGHT = 64;

/** Fails unless memory and vars were as nobody had called before. @param {Uint8Array | undefined} output */
function check(output) {
  if (output?.length !== 2 || output[0] !== 1 || output[1] !== 0) {
    throw new Error(`Not a fresh instance: memory and var say ${output}.`);
  }
}

/** @type {import('../bench.js').Row} */
export default {
  name: 'per-call',
  title: 'A fresh instance for each call (10 KB guest)',
  unit: 'calls/s',
  better: 'higher',
  log: true,
  bar: [
    { says: '… calls/s on one sandbox thread', atLeast: 5000, of: ({ cordon }) => cordon },
    {
      says: "… calls for a second of processor time, the host's own included",
      atLeast: 5000,
      of: (round) => round['cordon, a CPU second'],
    },
  ],
  async run(bench) {
    const host = await openHost(bench, { threads: { min: 1, max: 1 } });
    const plugin = await host.load(inMemory('fresh', fresh, { instance: 'per-call' }));
    const many = () => inFlight(IN_FLIGHT, async () => check((await plugin.call('fresh')).bytes()));
    const module = await WebAssembly.compile(fresh);
    const { wasmtime, wazero } = native(bench);
    const rate = (/** @type {import('../bench.js').Variant | undefined} */ time) =>
      time && (async (/** @type {number[]} */ each) => 1e6 / (await time(each)));
    return bench.compare({
      cordon: bench.rate(many, { perRun: IN_FLIGHT }),
      'cordon, a CPU second': async () => {
        const before = process.cpuUsage();
        let calls = 0;
        for (const end = performance.now() + bench.ms; performance.now() < end; calls += IN_FLIGHT)
          await many();
        const { user, system } = process.cpuUsage(before);
        return calls / ((user + system) / 1e6);
      },
      foreground: bench.rate(async () => {
        const once = await createPlugin({ wasm: [{ module }] });
        check((await once.call('fresh'))?.bytes());
        await once.close();
      }),
      wasmtime: rate(wasmtime?.('fresh')),
      wazero: rate(wazero?.('fresh')),
    });
  },
};
