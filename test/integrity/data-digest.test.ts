import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalJson, dataDigest } from '../../src/integrity/data-digest.js';

test('the digest is that of the canonical JSON', () => {
  expect(canonicalJson({ b: [{ d: 1, c: null }], a: 'x', e: undefined })).toBe(
    '{"a":"x","b":[{"c":null,"d":1}]}',
  );
  expect(dataDigest({})).toBe('sha256-RBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4o=');
});

test('canonical JSON is JSON of the same data', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

test('the order of keys makes no difference, the order of lists and every value does', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (record) => {
      const reversed = Object.fromEntries(Object.entries(record).reverse());
      expect(dataDigest(reversed)).toBe(dataDigest(record));
    }),
  );
  expect(dataDigest([1, 2])).not.toBe(dataDigest([2, 1]));
  expect(dataDigest({ a: 1 })).not.toBe(dataDigest({ a: '1' }));
});
