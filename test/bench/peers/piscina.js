// @ts-check
// What people build today: a pool of threads, and Extism in the foreground of each.
import { Piscina } from 'piscina';

/**
 * @param {import('../bench.js').Bench} bench
 * @param {Uint8Array} wasm
 * @param {number} threads
 * @returns {(fn: string, input: string | Uint8Array, signal?: AbortSignal) => Promise<unknown>}
 */
export function piscina(bench, wasm, threads) {
  const pool = new Piscina({
    filename: new URL('./piscina-worker.js', import.meta.url).href,
    workerData: { wasm },
    minThreads: threads,
    maxThreads: threads,
  });
  bench.after(() => pool.destroy());
  return (fn, input, signal) => pool.run({ fn, input }, signal && { signal });
}
