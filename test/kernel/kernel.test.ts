import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileKernel, Kernel, type KernelFault } from '../../src/kernel/kernel.js';
import { ADDRESS_BITS } from './address-bits.js';

describe.each(ADDRESS_BITS)('a kernel of %i bits', (bits) => {
  const module = compileKernel(bits);

  function makeKernel(options: { maxPages?: number; ticks?: { count: number } } = {}) {
    const faults: { kind: KernelFault; address: bigint }[] = [];
    const kernel = new Kernel(
      module,
      {
        mayGrow: () => true,
        fault: (kind, address) => {
          faults.push({ kind, address });
          return kernel.trap();
        },
        tick: () => {
          if (options.ticks) options.ticks.count++;
        },
      },
      options.maxPages ?? 65_536,
    );
    const guest = kernel.functions as unknown as Record<
      string,
      (...args: (bigint | number)[]) => bigint | number
    >;
    return { kernel, guest, faults };
  }

  describe('input and output', () => {
    test('text input arrives as UTF-8 and leaves as the output that the guest sets', () => {
      const { kernel, guest } = makeKernel();
      expect(kernel.setInput('žluťoučký 🐎')).toBe(true);
      const bytes = new TextEncoder().encode('žluťoučký 🐎');
      expect(guest.input_length!()).toBe(BigInt(bytes.length));
      expect(guest.input_load_u8!(1n)).toBe(bytes[1]);
      guest.output_set!(guest.input_offset!() as bigint, BigInt(bytes.length));
      expect(kernel.output).toEqual(bytes);
    });

    test('empty input has length 0 and empty output is empty', () => {
      const { kernel, guest } = makeKernel();
      kernel.setInput(new Uint8Array());
      expect(guest.input_length!()).toBe(0n);
      guest.output_set!(0n, 0n);
      expect(kernel.output).toHaveLength(0);
    });

    test('a part of a block may be the output', () => {
      const { kernel, guest } = makeKernel();
      kernel.setInput('hello world');
      guest.output_set!((guest.input_offset!() as bigint) + 6n, 5n);
      expect(new TextDecoder().decode(kernel.output)).toBe('world');
    });

    test('8 bytes are read little-endian, and not past the end of the input', () => {
      const { kernel, guest, faults } = makeKernel();
      kernel.setInput(new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8, 9]));
      expect(guest.input_load_u64!(1n)).toBe(0x0908070605040302n);
      expect(() => guest.input_load_u64!(2n)).toThrow(WebAssembly.RuntimeError);
      kernel.setInput(new Uint8Array([1]));
      expect(() => guest.input_load_u64!(0n)).toThrow(WebAssembly.RuntimeError);
      expect(() => guest.input_load_u8!(1n)).toThrow(WebAssembly.RuntimeError);
      expect(faults.map((fault) => fault.kind)).toEqual(['input', 'input', 'input']);
    });

    test('reset forgets input, output and error', () => {
      const { kernel, guest } = makeKernel();
      kernel.setInput('x');
      guest.error_set!(guest.input_offset!());
      guest.output_set!(guest.input_offset!(), 1n);
      expect(kernel.errorText(100)).toBe('x');
      kernel.reset();
      expect(guest.input_length!()).toBe(0n);
      expect(kernel.errorText(100)).toBeUndefined();
      expect(kernel.output).toHaveLength(0);
    });
  });

  describe('bad pointers', () => {
    test.each([
      ['load_u8', [0n], 'load'],
      ['load_u8', [191n], 'load'],
      ['load_u8', [1n << 48n], 'load'],
      ['load_u8', [(1n << 32n) + 208n], 'load'],
      ['load_u64', [(1n << 64n) - 8n], 'load'],
      ['load_u64', [100_000n], 'load'],
      ['store_u8', [0n, 1], 'store'],
      ['store_u64', [8n, 1n], 'store'],
      ['store_u64', [65_530n, 1n], 'store'],
      ['output_set', [208n, 1n << 40n], 'output'],
      ['output_set', [1n << 40n, 8n], 'output'],
      ['output_set', [0n, 8n], 'output'],
      ['error_set', [7n], 'error'],
      ['error_set', [1n << 33n], 'error'],
    ] as const)('%s with bad arguments is a fault and a trap (%#)', (name, args, kind) => {
      const { guest, faults } = makeKernel();
      expect(() => guest[name]!(...args)).toThrow(WebAssembly.RuntimeError);
      expect(faults).toHaveLength(1);
      expect(faults[0]!.kind).toBe(kind);
    });

    test('a load of 8 bytes at the very end of the heap is a fault, one of the last 8 bytes is not', () => {
      const { guest, faults } = makeKernel();
      const block = guest.alloc!(16n) as bigint;
      expect(guest.load_u64!(block + 8n)).toBe(0n);
      expect(() => guest.load_u64!(block + 9n)).toThrow(WebAssembly.RuntimeError);
      expect(faults).toEqual([{ kind: 'load', address: block + 9n }]);
    });

    test('freeing nothing, something bogus or a block twice does nothing', () => {
      const { guest } = makeKernel();
      const first = guest.alloc!(10n) as bigint;
      guest.alloc!(10n);
      for (const offset of [0n, 5n, first + 1n, 1n << 50n, (1n << 64n) - 1n]) guest.free!(offset);
      guest.free!(first);
      guest.free!(first);
      expect(guest.alloc!(10n)).toBe(first);
      expect(guest.alloc!(10n)).not.toBe(first);
    });

    test('a guest that writes over the headers between its blocks gets nothing outside of its heap', () => {
      fc.assert(
        fc.property(
          fc.array(
            fc.record({
              op: fc.constantFrom('alloc', 'free', 'scribble', 'length', 'output'),
              n: fc.nat(4000),
              value: fc.bigInt(0n, (1n << 64n) - 1n),
            }),
            { maxLength: 80 },
          ),
          (steps) => {
            const { kernel, guest } = makeKernel({ maxPages: 8 });
            for (const { op, n, value } of steps) {
              try {
                if (op === 'alloc') guest.alloc!(BigInt(n));
                else if (op === 'free') guest.free!(BigInt(192 + n));
                else if (op === 'scribble') guest.store_u64!(BigInt(192 + n), value);
                else if (op === 'length') guest.length!(BigInt(192 + n));
                else guest.output_set!(BigInt(192 + n), BigInt(n));
              } catch (error) {
                expect(error).toBeInstanceOf(WebAssembly.RuntimeError);
              }
              expect(kernel.output.length).toBeLessThanOrEqual(8 * 65_536);
            }
          },
        ),
        { numRuns: 300 },
      );
    });
  });

  describe('blocks', () => {
    test('live blocks never overlap, are zeroed, and keep what is written into them', () => {
      fc.assert(
        fc.property(
          fc.array(fc.record({ free: fc.boolean(), size: fc.nat(3000), pick: fc.nat() }), { maxLength: 120 }),
          (steps) => {
            const { kernel, guest } = makeKernel();
            const live = new Map<bigint, { size: number; fill: number }>();
            for (const [index, { free, size, pick }] of steps.entries()) {
              if (free && live.size > 0) {
                const offset = [...live.keys()][pick % live.size]!;
                guest.free!(offset);
                live.delete(offset);
                continue;
              }
              const offset = guest.alloc!(BigInt(size)) as bigint;
              expect(kernel.readBytes(offset, size)).toEqual(new Uint8Array(size));
              expect(guest.length!(offset)).toBe(BigInt(size));
              const fill = (index % 255) + 1;
              for (let i = 0; i < size; i++) guest.store_u8!(offset + BigInt(i), fill);
              live.set(offset, { size, fill });
            }
            for (const [offset, { size, fill }] of live) {
              expect(kernel.readBytes(offset, size)).toEqual(new Uint8Array(size).fill(fill));
            }
          },
        ),
        { numRuns: 60 },
      );
    });

    test('a new call reads zeros where an earlier call left its bytes', () => {
      const { kernel, guest } = makeKernel();
      for (let i = 0; i < 20; i++) {
        const block = guest.alloc!(5000n) as bigint;
        for (let at = 0n; at < 5000n; at += 8n) guest.store_u64!(block + at, 0x5ec7e75ec7e75ec7n);
      }
      kernel.reset();
      for (let i = 0; i < 20; i++) {
        const block = guest.alloc!(4096n) as bigint;
        expect(kernel.readBytes(block, 4096)).toEqual(new Uint8Array(4096));
      }
    });

    test('a limit that is reached makes alloc answer 0 and leaves the rest usable', () => {
      const { kernel, guest } = makeKernel({ maxPages: 4 });
      const kept = guest.alloc!(1000n) as bigint;
      expect(guest.alloc!(1n << 20n)).toBe(0n);
      expect(guest.alloc!((1n << 32n) - 1n)).toBe(0n);
      expect(guest.alloc!((1n << 64n) - 1n)).toBe(0n);
      expect(guest.alloc!(1000n)).not.toBe(0n);
      expect(guest.length!(kept)).toBe(1000n);
      expect(kernel.memoryBytes).toBeLessThanOrEqual(4 * 65_536);
      expect(kernel.setInput(new Uint8Array(1 << 20))).toBe(false);
      expect(kernel.store(new Uint8Array(1 << 20))).toBe(0n);
    });

    test('the sandbox is asked before the memory grows', () => {
      const asked: number[] = [];
      const kernel = new Kernel(
        module,
        {
          mayGrow: (pages) => {
            asked.push(pages);
            return false;
          },
          fault: () => kernel.trap(),
          tick: () => {},
        },
        65_536,
      );
      const alloc = kernel.functions.alloc as unknown as (n: bigint) => bigint;
      expect(alloc(1_000_000n)).toBe(0n);
      expect(asked).toEqual([15]);
    });

    test('a loop of large allocations ticks for every MiB that it makes the kernel clear', () => {
      const ticks = { count: 0 };
      const { guest } = makeKernel({ ticks });
      for (let i = 0; i < 10; i++) {
        const keep = guest.alloc!(4n << 20n) as bigint;
        guest.free!(keep);
      }
      expect(ticks.count).toBeGreaterThanOrEqual(9 * 4);
    });

    test('a hundred thousand blocks allocated and freed in turn stay in one page', () => {
      const { kernel, guest } = makeKernel();
      for (let i = 0; i < 100_000; i++) guest.free!(guest.alloc!(BigInt(i % 200)));
      expect(kernel.memoryBytes).toBe(65_536);
    });
  });
});
