import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonLine } from '../../host-sdk/logs/json-line.js';

describe('a line of JSON', () => {
  it('has no control character, and reads as what it was', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' })), (value) => {
        const line = jsonLine(value);
        expect(line).not.toMatch(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u);
        expect(JSON.parse(line)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('has large numbers as texts', () => {
    expect(jsonLine({ fuel: 2n ** 64n })).toBe('{"fuel":"18446744073709551616"}');
  });
});
