// @ts-check
// Modules with and without metering, for the rows about what it costs.
import { rewriteModule } from '../../dist/src/wasm/rewrite.js';

const OPTIONS = { maxMemoryBytes: 2 ** 31, maxTableElements: 1_000_000 };

/** What a metered module imports: slices as Cordon gives them, without a deadline. */
export const meteredImports = { 'cordon:meter': { out_of_fuel: () => 100_000, may_grow: () => 1 } };

/** @param {Uint8Array} bytes */
export const rewrites = (bytes) => ({
  metered: rewriteModule(bytes, { ...OPTIONS, metering: true }).bytes,
  off: rewriteModule(bytes, { ...OPTIONS, metering: false }).bytes,
});

/** Milliseconds of the processor; a shared machine's other work does not count. @param {() => unknown} act */
export function processorTime(act) {
  const before = process.cpuUsage();
  act();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
