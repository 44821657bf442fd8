// @ts-check
import { compileKernel, Kernel } from '../../dist/src/kernel/kernel.js';
import { echo } from './guests.js';
import { inMemory, openHost } from './hosts.js';
import { background, extism } from './peers/extism.js';
import { native } from './peers/native.js';
import { piscina } from './peers/piscina.js';

/**
 * The guest and the kernel alone, in this thread and without metering: its own copy loop, and the floor for any call.
 */
async function raw() {
  const host = {
    mayGrow: () => true,
    fault: () => {
      throw new Error('bad address');
    },
    tick: () => {},
  };
  const kernel = new Kernel(compileKernel(), host, 1024);
  const { instance } = await WebAssembly.instantiate(echo, { 'extism:host/env': kernel.functions });
  const run = /** @type {() => number} */ (instance.exports.echo);
  return (/** @type {Uint8Array} */ input) => {
    kernel.reset();
    kernel.setInput(input);
    run();
  };
}

/**
 * A row of the echo of a large input.
 * @param {string} name @param {string} size @param {number} bytes
 * @returns {import('./bench.js').Row}
 */
export const echoLarge = (name, size, bytes) => ({
  name,
  title: `Echo of ${size}, one caller`,
  unit: 'µs a call',
  better: 'lower',
  log: true,
  bar: [
    {
      says: 'Extism foreground takes … × as long',
      atLeast: 10,
      of: ({ foreground, cordon }) => foreground / cordon,
    },
    {
      says: 'Extism background takes … × as long',
      atLeast: 12,
      of: ({ background, cordon }) => background / cordon,
    },
    {
      says: "… × the guest's own copy loop on raw WebAssembly",
      atMost: 3,
      of: ({ raw: floor, cordon }) => cordon / floor,
    },
  ],
  async run(bench) {
    const input = new TextEncoder().encode('x'.repeat(bytes));
    const host = await openHost(bench, { threads: { min: 1, max: 1 } });
    const plugin = await host.load(inMemory('echo', echo));
    const inBackground = await background(bench, echo);
    const inForeground = await extism(bench, echo);
    const pool = piscina(bench, echo, 1);
    const { wasmtime, wazero } = native(bench);
    const alone = await raw();
    return bench.compare({
      cordon: bench.time(() => plugin.call('echo', input)),
      background: bench.time(() => inBackground.call('echo', input)),
      foreground: bench.time(() => inForeground.call('echo', input)),
      piscina: bench.time(() => pool('echo', input)),
      raw: bench.time(() => alone(input)),
      wasmtime: wasmtime?.('echo', bytes),
      wazero: wazero?.('echo', bytes),
    });
  },
});
