import { describe, expect, test } from 'vitest';
import { compileKernel, type Kernel, type KernelHost } from '../../src/kernel/kernel.js';
import { KernelPool } from '../../src/kernel/kernel-pool.js';
import { ADDRESS_BITS } from './address-bits.js';

const host = (): KernelHost => ({
  mayGrow: () => true,
  fault: (kind, address): never => {
    throw new Error(`${kind} ${address}`);
  },
  tick() {},
});

const alloc = (kernel: Kernel, length: number): bigint =>
  (kernel.functions.alloc as unknown as (length: bigint) => bigint)(BigInt(length));

describe.each(ADDRESS_BITS)('the pool of kernels of %i bits', (bits) => {
  test('hands a kernel to the next guest with nothing in it', () => {
    const pool = new KernelPool(compileKernel(bits));
    const first = pool.take(host(), 16);
    first.setInput('a secret that stays with its guest');
    const offset = first.store('another secret');
    first.reset();
    first.store('left in a block');
    pool.give(first);
    const second = pool.take(host(), 16);
    expect(second).toBe(first);
    expect(second.readBytes(offset, 100)).toBeUndefined();
    expect(second.outputLength).toBe(0);
    expect(second.errorText(100)).toBeUndefined();
    const block = alloc(second, 60_000);
    expect(second.readBytes(block, 60_000)?.every((byte) => byte === 0)).toBe(true);
    expect(() =>
      (second.functions.store_u8 as unknown as (at: bigint, v: number) => void)(1n << 40n, 1),
    ).toThrow('store 1099511627776');
  });

  test('hands on nothing of all that any call of the guest before had, wherever in memory it was', () => {
    const pool = new KernelPool(compileKernel(bits));
    const first = pool.take(host(), 16);
    // The fullest call is not the last one.
    for (const bytes of [65_000, 10, 30_000, 0]) {
      first.reset();
      expect(first.setInput(new Uint8Array(bytes).fill(0xaa))).toBe(true);
    }
    pool.give(first);
    const second = pool.take(host(), 16);
    expect(second).toBe(first);
    // Not cleared on its way out: the host overwrites what it reserves.
    const raw = second.store(new Uint8Array());
    const words = new Uint8Array(65_536 - 400);
    const load = second.functions.load_u8 as unknown as (at: bigint) => number;
    alloc(second, words.length);
    for (let at = 0; at < words.length; at++) words[at] = load(raw + BigInt(at));
    expect(words.includes(0xaa)).toBe(false);
  });

  test('keeps no kernel that has grown, none twice, and gives none to a guest with another limit', () => {
    const pool = new KernelPool(compileKernel(bits));
    const grown = pool.take(host(), 16);
    alloc(grown, 200_000);
    pool.give(grown);
    expect(pool.take(host(), 16)).not.toBe(grown);
    const kernel = pool.take(host(), 16);
    pool.give(kernel);
    pool.give(kernel);
    expect(pool.take(host(), 8)).not.toBe(kernel);
    expect(pool.take(host(), 16)).toBe(kernel);
    expect(pool.take(host(), 16)).not.toBe(kernel);
  });

  test('keeps no kernel that the host’s thread may look into', () => {
    const pool = new KernelPool(compileKernel(bits));
    const shared = pool.take(host(), 16, true);
    expect(shared.sharedBuffer).toBeInstanceOf(SharedArrayBuffer);
    pool.give(shared);
    expect(pool.take(host(), 16, true)).not.toBe(shared);
    expect(pool.take(host(), 16)).not.toBe(shared);
  });

  test('a kernel without a guest does nothing for whoever still holds it', () => {
    const pool = new KernelPool(compileKernel(bits));
    const kernel = pool.take(host(), 16);
    pool.give(kernel);
    expect(alloc(kernel, 200_000)).toBe(0n);
    expect(() =>
      (kernel.functions.store_u8 as unknown as (at: bigint, v: number) => void)(1n << 40n, 1),
    ).toThrow('A kernel without a guest was used');
  });
});
