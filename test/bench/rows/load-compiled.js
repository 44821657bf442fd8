// @ts-check
import createPlugin from '@extism/extism';
import { echo } from '../guests.js';
import { inMemory, openHost } from '../hosts.js';
import { native } from '../peers/native.js';

/** @type {import('../bench.js').Row} */
export default {
  name: 'load-compiled',
  title: 'Load a plugin whose module is compiled',
  unit: 'µs a load',
  better: 'lower',
  log: true,
  bar: [
    {
      says: "Extism background's createPlugin takes … × as long",
      atLeast: 40,
      of: ({ background, cordon }) => background / cordon,
    },
  ],
  async run(bench) {
    const host = await openHost(bench, { threads: { min: 1, max: 1 } });
    const sdk = (/** @type {boolean} */ runInWorker) =>
      bench.time(() => createPlugin({ wasm: [{ data: echo }] }, { runInWorker }), {
        after: (plugin) => plugin.close(),
      });
    const { wasmtime, wazero } = native(bench);
    return bench.compare({
      cordon: bench.time(() => host.load(inMemory('again', echo)), { after: (plugin) => plugin.unload() }),
      background: sdk(true),
      foreground: sdk(false),
      wasmtime: wasmtime?.('load'),
      wazero: wazero?.('load'),
    });
  },
};
