// @ts-check
import { echo } from '../guests.js';
import { inMemory, openHost } from '../hosts.js';
import { background, extism } from '../peers/extism.js';
import { native } from '../peers/native.js';
import { piscina } from '../peers/piscina.js';

const input = 'x'.repeat(100);

/** @type {import('../bench.js').Row} */
export default {
  name: 'echo-one-caller',
  title: 'Echo of 100 B, one caller',
  unit: 'µs a call',
  better: 'lower',
  log: true,
  bar: [
    {
      says: 'Extism background takes … × as long',
      atLeast: 8,
      of: ({ background, cordon }) => background / cordon,
    },
    { says: 'p99 is … × p50', atMost: 5, ofEach: ({ cordon }) => cordon.p99 / cordon.p50 },
  ],
  async run(bench) {
    const host = await openHost(bench, { threads: { min: 1, max: 1 } });
    const plugin = await host.load(inMemory('echo', echo));
    const inBackground = await background(bench, echo);
    const inForeground = await extism(bench, echo);
    const pool = piscina(bench, echo, 1);
    const { wasmtime, wazero } = native(bench);
    return bench.compare({
      cordon: bench.time(() => plugin.call('echo', input)),
      background: bench.time(() => inBackground.call('echo', input)),
      foreground: bench.time(() => inForeground.call('echo', input)),
      piscina: bench.time(() => pool('echo', input)),
      wasmtime: wasmtime?.('echo', 100),
      wazero: wazero?.('echo', 100),
    });
  },
};
