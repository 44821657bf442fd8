// @ts-check
import { runnerImport } from 'vite';
import { meteredImports, processorTime, rewrites } from '../metered.js';
import { geometricMean } from '../statistics.js';

/** @type {import('../bench.js').Row} */
export default {
  name: 'metering-kernels',
  title: 'Metering: run time as a multiple of the time without, kernels',
  unit: '× the time without',
  better: 'lower',
  bar: [
    { says: 'geometric mean … ×', atMost: 1.25, ofEach: (samples) => mean(samples, 'metered') },
    {
      says: 'with metering off, geometric mean … ×',
      atMost: 1.02,
      ofEach: (samples) => mean(samples, 'metering off'),
    },
  ],
  async run(bench) {
    const { module } = await runnerImport('./test/wasm/kernels.ts', { configFile: false, logLevel: 'error' });
    const ms = bench.smoke ? 1 : 40;
    /** @type {Record<string, import('../bench.js').Variant>} */
    const variants = {};
    for (const { name, bytes, large } of module.KERNELS) {
      const { metered, off } = rewrites(bytes);
      const [plain, ...others] = [bytes, metered, off].map((one) => {
        const { exports } = new WebAssembly.Instance(new WebAssembly.Module(one), meteredImports);
        return () => /** @type {Function} */ (exports.run)(large);
      });
      const runs = warm([plain, ...others], bench.smoke ? 0 : 1000);
      const repeat = bench.smoke ? 1 : Math.max(1, Math.ceil(ms / runs));
      const spent = (/** @type {() => unknown} */ act) =>
        processorTime(() => {
          for (let i = 0; i < repeat; i++) act();
        });
      for (const [i, label] of ['metered', 'metering off'].entries()) {
        variants[`${name}, ${label}`] = async () => {
          // A pair after the other, so that both meet the same machine.
          const base = spent(plain);
          return spent(others[i]) / base;
        };
      }
    }
    return bench.compare(variants, { warmUp: 0 });
  },
};

/** Until all are optimised; then what a run of the first takes. @param {(() => unknown)[]} acts @param {number} ms */
function warm(acts, ms) {
  for (const end = performance.now() + ms; performance.now() < end; ) for (const act of acts) act();
  const start = performance.now();
  acts[0]?.();
  return performance.now() - start;
}

/** @param {import('../bench.js').Samples} samples @param {string} label */
const mean = (samples, label) =>
  geometricMean(
    Object.entries(samples)
      .filter(([name]) => name.endsWith(label))
      .map(([, { median: value }]) => value),
  );
