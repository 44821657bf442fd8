import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseSize } from '../../src/manifest/size.js';

test.each<[number | string, number]>([
  [0, 0],
  [4096, 4096],
  [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  ['0B', 0],
  ['1B', 1],
  ['64KB', 64_000],
  ['64KiB', 65_536],
  ['32MiB', 33_554_432],
  ['1.5 GiB', 1_610_612_736],
  ['2TB', 2e12],
  ['0.0001KiB', 0],
])('%j is %d bytes', (size, bytes) => {
  expect(parseSize(size)).toBe(bytes);
});

test.each<number | string>([
  -1,
  1.5,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  2 ** 53,
  '',
  '1024',
  'MiB',
  '1  MiB',
  ' 1MiB',
  '1MiB ',
  '1 mib',
  '1Mb',
  '1M',
  '-1MiB',
  '+1MiB',
  '1e3B',
  '.5MiB',
  '1.MiB',
  '1,5MiB',
  '0x10B',
  '9007199254740993B',
  '99999TiB',
  '１MiB',
  'constructor',
])('%j is no size', (size) => {
  expect(parseSize(size)).toBeUndefined();
});

test('a whole number of bytes reads the same as number and as text', () => {
  fc.assert(
    fc.property(fc.nat({ max: 2 ** 50 }), (bytes) => {
      expect(parseSize(bytes)).toBe(bytes);
      expect(parseSize(`${bytes}B`)).toBe(bytes);
      expect(parseSize(`${bytes} B`)).toBe(bytes);
    }),
  );
});

test('each unit is 1000 or 1024 of the one before', () => {
  fc.assert(
    fc.property(fc.nat({ max: 8000 }), (amount) => {
      const [b, kb, mb, gb, tb] = ['B', 'KB', 'MB', 'GB', 'TB'].map((unit) => parseSize(`${amount}${unit}`)!);
      expect([kb, mb, gb, tb]).toEqual([b! * 1000, kb! * 1000, mb! * 1000, gb! * 1000]);
      const [kib, mib, gib, tib] = ['KiB', 'MiB', 'GiB', 'TiB'].map((unit) => parseSize(`${amount}${unit}`)!);
      expect([kib, mib, gib, tib]).toEqual([b! * 1024, kib! * 1024, mib! * 1024, gib! * 1024]);
    }),
  );
});

test('any text is a safe whole number of bytes or no size', () => {
  const text = fc.oneof(fc.string(), fc.stringMatching(/^[\d.]{0,20} ?[KMGTib]{0,4}B?$/));
  fc.assert(
    fc.property(text, (size) => {
      const bytes = parseSize(size);
      expect(bytes === undefined || (Number.isSafeInteger(bytes) && bytes >= 0)).toBe(true);
    }),
  );
});
