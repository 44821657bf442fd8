import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ByteSlab, ownBytes } from '../../src/sandbox/byte-slab.js';

it('copies stay what they were, whatever is copied after them', () => {
  const sources = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 60 });
  fc.assert(
    fc.property(sources, fc.nat(5), (all, skipped) => {
      const slab = new ByteSlab(1024);
      const kept = all.map((bytes) => ({
        bytes,
        copy: slab.copy(bytes, Math.min(skipped, bytes.length), bytes.length),
      }));
      for (const { bytes, copy } of kept) {
        const wanted = bytes.slice(Math.min(skipped, bytes.length));
        expect(copy).toEqual(wanted);
        expect(ownBytes(copy)).toEqual(wanted);
        expect(ownBytes(copy).buffer.byteLength).toBe(copy.byteLength);
      }
    }),
  );
});

it('neither small nor large copies share memory, nor is that of shared memory shared', () => {
  const slab = new ByteSlab(8192);
  const bytes = new Uint8Array(new SharedArrayBuffer(8192));
  for (const [length, shares] of [
    [64, false],
    [65, true],
    [1024, true],
    [1025, false],
  ] as const) {
    const copy = slab.copy(bytes, 0, length);
    expect(copy.buffer).toBeInstanceOf(ArrayBuffer);
    expect(ownBytes(copy) !== copy).toBe(shares);
  }
});

it('no bytes at all are nobody else’s either', () => {
  const none = new Uint8Array();
  expect(ownBytes(none)).not.toBe(none);
  expect(ownBytes(none)).toHaveLength(0);
});
