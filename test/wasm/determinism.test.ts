import { describe, expect, test } from 'vitest';
import { FuelHost } from './fuel-host.js';
import { KERNELS } from './kernels.js';

const INPUTS = [1, 5, 12, 17, 20];

/**
 * The fuel of 55 calls: one row for each kernel, one number for each of {@link INPUTS}. They are the same on every
 * machine and version of Node, because they follow from the cost model and the code alone. A change here changes
 * what users pay: say so in the changelog.
 */
const FUEL: Readonly<Record<string, readonly number[]>> = {
  'tight loop': [8, 15, 29, 43, 50],
  lcg: [19, 71, 162, 227, 266],
  collatz: [15, 347, 1835, 2997, 3911],
  fib: [5, 131, 4181, 46499, 197015],
  crc32: [32794, 32874, 33014, 33114, 33174],
  sieve: [30, 76, 261, 413, 494],
  matmul: [84, 4572, 53390, 146100, 234582],
  quicksort: [47, 435, 1264, 2033, 2382],
  interpreter: [99, 483, 1155, 1635, 1923],
  'indirect calls': [17, 83, 199, 281, 331],
  copying: [103, 507, 1214, 1719, 2022],
};

describe('fuel is the same everywhere', () => {
  test.each(KERNELS.map((kernel) => [kernel.name, kernel] as const))('%s', (name, kernel) => {
    const plain = new WebAssembly.Instance(new WebAssembly.Module(kernel.bytes)).exports;
    const measured = [333, 1_000_000].map((slice) => {
      const host = new FuelHost(kernel.bytes, { slice });
      return INPUTS.map((input) => {
        const fuel = host.measure('run', input);
        expect(host.exports.run!(input)).toBe((plain.run as (n: number) => number)(input));
        return fuel;
      });
    });
    expect(measured).toEqual([FUEL[name], FUEL[name]]);
  });
});
