// @ts-check
// Cordon's side of a row.
import { createHost } from 'cordon';

const silent = { trace() {}, debug() {}, info() {}, warn() {}, error() {}, child: () => silent };

/**
 * A host that is closed with the row. Rows that keep all cores busy say `cpuPercent: Infinity`: by default guests get 80 %
 * of the processor, and then their calls wait.
 * @param {import('./bench.js').Bench} bench
 * @param {import('cordon').HostOptions} [options]
 */
export async function openHost(bench, { budget, ...options } = {}) {
  const host = await createHost({
    logger: silent,
    budget: { cpuPercent: Number.POSITIVE_INFINITY, ...budget },
    ...options,
  });
  bench.after(() => host.close());
  return host;
}

/** @param {string} name @param {Uint8Array} wasm @param {object} [more] */
export const inMemory = (name, wasm, more) => ({
  manifest: { manifestVersion: 1, name, version: '1.0.0', ...more },
  wasm,
});

/** @param {number} count @param {() => Promise<unknown>} call */
export const inFlight = (count, call) => Promise.all(Array.from({ length: count }, call));
