import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeInput } from '../../src/runtime/encode-input.js';
import { InputMemory } from '../../src/runtime/input-memory.js';

const KIB = 1024;
const MIB = 1024 * KIB;

describe('memory for large inputs', () => {
  it('is used again for the next input of about that size', () => {
    const memory = new InputMemory();
    const first = memory.take(100 * KIB);
    expect(first.byteLength).toBe(100 * KIB);
    memory.giveBack(first);
    expect(memory.take(65 * KIB).buffer).toBe(first.buffer);
    expect(memory.take(65 * KIB).buffer).not.toBe(first.buffer);
  });

  it('is kept up to 16 MiB, and none of it where it is larger than 4', () => {
    const memory = new InputMemory();
    const taken = Array.from({ length: 6 }, () => memory.take(4 * MIB));
    for (const one of taken) memory.giveBack(one);
    const again = Array.from({ length: 6 }, () => memory.take(4 * MIB).buffer);
    expect(taken.filter(({ buffer }) => again.includes(buffer)).length).toBe(4);
    const large = memory.take(5 * MIB);
    expect(large.buffer.byteLength).toBe(5 * MIB);
    memory.giveBack(large);
    expect(memory.take(5 * MIB).buffer).not.toBe(large.buffer);
  });

  it('takes nothing that is not its own', () => {
    const memory = new InputMemory();
    const mine = new Uint8Array(16 * KIB);
    memory.giveBack(mine);
    memory.giveBack('text');
    expect(memory.take(16 * KIB).buffer).not.toBe(mine.buffer);
  });
});

describe('an encoded input', () => {
  const encode = (input: unknown, memory = new InputMemory(), most?: number) =>
    encodeInput('p', 'f', input, memory, most);

  it('has its text as UTF-8 in shared memory from 16 KiB on, without anything of the input before it', () => {
    const memory = new InputMemory();
    const text = 'ä€😀\ud800'.repeat(4000);
    const expected = Buffer.from(text);
    const dirty = memory.take(expected.byteLength);
    dirty.fill(7);
    memory.giveBack(dirty);
    const { value, byteLength } = encode(text, memory);
    expect((value as Uint8Array).buffer).toBe(dirty.buffer);
    expect(byteLength).toBe(expected.byteLength);
    expect(Buffer.compare(Buffer.from(value as Uint8Array), expected)).toBe(0);
  });

  it('is a copy of bytes', () => {
    for (const size of [10, 20_000]) {
      const bytes = new Uint8Array(size).fill(1);
      const { value } = encode(bytes);
      bytes.fill(2);
      expect((value as Uint8Array).every((byte) => byte === 1)).toBe(true);
    }
  });

  it('is only measured where it is more than the plugin takes', () => {
    const bytes = new Uint8Array(20_000);
    expect(encode(bytes, undefined, 19_999)).toEqual({ value: bytes, byteLength: 20_000 });
    const text = 'x'.repeat(20_000);
    expect(encode(text, undefined, 19_999)).toEqual({ value: text, byteLength: 20_000 });
  });
});

describe('a large text', () => {
  it('becomes its UTF-8, whether it is ASCII or not, and wherever it stops being that', () => {
    const memory = new InputMemory();
    const filler = 'x'.repeat(16 * 1024);
    fc.assert(
      fc.property(fc.nat(16 * 1024), fc.string({ unit: 'binary', maxLength: 8 }), (at, more) => {
        const text = filler.slice(0, at) + more + filler.slice(at);
        const { value, byteLength } = encodeInput('p', 'fn', text, memory);
        const expected = new TextEncoder().encode(text);
        expect(byteLength).toBe(expected.byteLength);
        expect(Buffer.from(value as Uint8Array).equals(expected)).toBe(true);
        memory.giveBack(value);
      }),
    );
  });

  it('is only measured where it is longer than it may be', () => {
    const memory = new InputMemory();
    const text = 'ö'.repeat(20_000);
    expect(encodeInput('p', 'fn', text, memory, 30_000)).toEqual({ value: text, byteLength: 40_000 });
    expect(encodeInput('p', 'fn', text, memory, 10_000)).toEqual({ value: text, byteLength: 40_000 });
  });
});
