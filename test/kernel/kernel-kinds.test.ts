import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileKernel, KERNEL_FUNCTIONS, type Kernel, type KernelHost } from '../../src/kernel/kernel.js';
import { KernelKinds } from '../../src/kernel/kernel-kinds.js';
import { KernelPool } from '../../src/kernel/kernel-pool.js';
import { ADDRESS_BITS } from './address-bits.js';

const host = (): KernelHost => ({
  mayGrow: () => true,
  fault: (kind, address): never => {
    throw new Error(`${kind} ${address}`);
  },
  tick() {},
});
const call = (kernel: Kernel, name: string, ...args: (bigint | number)[]): unknown =>
  (kernel.functions[name] as (...args: (bigint | number)[]) => unknown)(...args);
const exportsOf = (compiled: WebAssembly.Module): string[] =>
  WebAssembly.Module.exports(compiled)
    .map(({ name }) => name)
    .sort();

describe.each(ADDRESS_BITS)('kinds of kernels with addresses of %i bits', (bits) => {
  const module = compileKernel(bits);

  it('export what a guest imports and what the host needs, whatever else a module asks for', () => {
    fc.assert(
      fc.property(
        fc.subarray([...KERNEL_FUNCTIONS]),
        fc.array(fc.constantFrom('host', 'config_get', 'constructor', '__proto__', 'toString', '')),
        (wanted, others) => {
          const kind = new KernelKinds(module).for([...others, ...wanted]);
          const expected = ['host', ...wanted].sort();
          expect(exportsOf(kind.module)).toEqual(expected);
          expect(exportsOf(kind.shared())).toEqual(expected);
          expect(kind.functions).toEqual(wanted);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('are compiled once for all guests with the same imports', () => {
    const kinds = new KernelKinds(module);
    expect(kinds.for(['alloc', 'length'])).toBe(kinds.for(['length', 'alloc', 'alloc']));
    expect(kinds.for(['alloc']).shared()).toBe(kinds.for(['alloc']).shared());
  });

  it('are no more than 16, however many sets of imports there are: the others get all functions', () => {
    const kinds = new KernelKinds(module);
    const made = new Set(
      Array.from({ length: 200 }, (_, bits) =>
        kinds.for(KERNEL_FUNCTIONS.filter((_, index) => bits & (1 << index))),
      ),
    );
    expect(made.size).toBe(17);
    expect(made).toContain(kinds.full);
  });

  it('do what the whole kernel does', () => {
    const pool = new KernelPool(module);
    const names = [
      'alloc',
      'store_u8',
      'load_u8',
      'input_length',
      'input_load_u8',
      'output_set',
      'error_set',
    ];
    const kernels = [
      pool.take(host(), 16),
      pool.take(
        host(),
        16,
        false,
        pool.kindOf({}, () => names),
      ),
    ];
    const [whole, lean] = kernels.map((kernel) => {
      kernel.setInput('žluťoučký');
      const at = call(kernel, 'alloc', 40n) as bigint;
      call(kernel, 'store_u8', at, call(kernel, 'input_load_u8', 1n) as number);
      call(kernel, 'output_set', at, 3n);
      call(kernel, 'error_set', at);
      const seen = [at, call(kernel, 'input_length'), kernel.output.slice(), kernel.errorText(3)];
      seen.push(kernel.blockLength(at), kernel.blockLength(at + 1n), kernel.top, kernel.memoryBytes);
      expect(() => call(kernel, 'load_u8', 1n << 40n)).toThrow('load 1099511627776');
      expect(() => kernel.trap()).toThrow(WebAssembly.RuntimeError);
      return seen;
    });
    expect(lean).toEqual(whole);
  });

  it('are asked about by offsets that no kernel has', () => {
    const kernel = new KernelPool(module).take(host(), 16);
    const at = kernel.store('a block');
    expect(kernel.blockLength(at)).toBe(7);
    for (const offset of [-1n, -at, at + (1n << 32n), at - (1n << 32n), 1n << 63n, -(1n << 63n), 0n]) {
      expect(kernel.blockLength(offset)).toBe(-1);
      expect(kernel.readText(offset, 10)).toBeUndefined();
    }
  });

  it('never pass from a guest of one kind to one of another', () => {
    const pool = new KernelPool(module);
    const reader = pool.kindOf({}, () => ['input_length']);
    const writer = pool.kindOf({}, () => ['alloc', 'store_u8']);
    const first = pool.take(host(), 16, false, reader);
    first.setInput('of the first');
    pool.give(first);
    expect(pool.take(host(), 16, false, writer)).not.toBe(first);
    expect(pool.take(host(), 16)).not.toBe(first);
    const second = pool.take(host(), 16, false, reader);
    expect(second).toBe(first);
    expect(call(second, 'input_length')).toBe(0n);
  });
});
