// @ts-check
import createPlugin from '@extism/extism';

/**
 * A plugin of Extism's own SDK, closed with the row.
 * @param {import('../bench.js').Bench} bench
 * @param {Uint8Array} wasm
 * @param {import('@extism/extism').ExtismPluginOptions} [options]
 */
export async function extism(bench, wasm, options = {}) {
  const plugin = await createPlugin({ wasm: [{ data: wasm }] }, options);
  bench.after(() => plugin.close());
  return plugin;
}

/** @param {import('../bench.js').Bench} bench @param {Uint8Array} wasm @param {import('@extism/extism').ExtismPluginOptions} [options] */
export const background = (bench, wasm, options = {}) =>
  extism(bench, wasm, { ...options, runInWorker: true });
