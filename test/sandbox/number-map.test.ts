import fc from 'fast-check';
import { expect, it } from 'vitest';
import { NumberMap } from '../../src/sandbox/number-map.js';

interface Value {
  readonly n: number;
}

const change = fc.record({
  // Few keys, and such that share a place.
  key: fc.oneof(
    fc.nat(12),
    fc.integer({ min: 0, max: 6 }).map((i) => i * 16),
    fc.nat(0x7fffffff),
  ),
  act: fc.constantFrom('set', 'set', 'delete', 'clear'),
});

const sorted = (entries: Iterable<readonly [number, Value]>) => [...entries].sort(([a], [b]) => a - b);

it('holds what a Map would', () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 200 }), (changes) => {
      const [map, model] = [new NumberMap<Value>(), new Map<number, Value>()];
      for (const [n, { key, act }] of changes.entries()) {
        if (act === 'set') {
          map.set(key, { n });
          model.set(key, { n });
        } else if (act === 'delete') expect(map.delete(key)).toBe(model.delete(key));
        else if (n % 20 === 0) {
          map.clear();
          model.clear();
        }
        expect(map.size).toBe(model.size);
        expect(map.get(key)).toEqual(model.get(key));
        expect(map.has(key)).toBe(model.has(key));
      }
      expect(sorted(map.entries())).toEqual(sorted(model));
      expect(new Set(map.values())).toEqual(new Set(model.values()));
    }),
  );
});

it('grows to thousands of calls under way, and is small again after them', () => {
  const map = new NumberMap<Value>();
  for (let n = 0; n < 10_000; n++) map.set(n * 3, { n });
  for (let n = 0; n < 10_000; n++) expect(map.get(n * 3)?.n).toBe(n);
  for (let n = 0; n < 9_999; n++) expect(map.delete(n * 3)).toBe(true);
  expect(map.size).toBe(1);
  expect([...map.entries()]).toEqual([[29_997, { n: 9_999 }]]);
});
