import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BUCKET_EDGES, Histogram } from '../../src/metrics/histogram.js';

function of(values: readonly number[]): Histogram {
  const histogram = new Histogram();
  for (const value of values) histogram.record(value);
  return histogram;
}

/** The value with a share `q` of all at or below it, from the values themselves. */
function exactQuantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(1, Math.ceil(q * sorted.length)) - 1]!;
}

const inRange = fc.double({ min: 2 ** -10, max: 2 ** 26, noNaN: true, maxExcluded: true });

describe('Histogram', () => {
  it('is all zeros before the first value', () => {
    expect(new Histogram().snapshot()).toEqual({
      count: 0,
      sum: 0,
      mean: 0,
      max: 0,
      p50: 0,
      p95: 0,
      p99: 0,
      cumulative: BUCKET_EDGES.map(() => 0),
    });
  });

  it('says the same of few values, which are kept one by one, as of many', () => {
    fc.assert(
      fc.property(fc.array(inRange, { minLength: 1, maxLength: 16 }), (values) => {
        const few = of(values).snapshot();
        const many = of(Array.from({ length: 3 }, () => values).flat()).snapshot();
        const exact = exactQuantile(values, 0.5);
        expect(Math.abs(few.p50 - exact)).toBeLessThanOrEqual(0.032 * exact);
        expect(few.max).toBe(many.max);
        expect(few.cumulative.map((count) => 3 * count)).toEqual(many.cumulative);
      }),
    );
    const growing = new Histogram();
    for (let i = 1; i <= 40; i++) {
      growing.record(i);
      expect(growing.count).toBe(i);
      expect(growing.snapshot().cumulative.at(-1)).toBe(i);
      expect(Math.abs(growing.quantile(0.5) - Math.ceil(i / 2))).toBeLessThanOrEqual(0.032 * i);
    }
  });

  it('counts on in a bucket that outgrew a byte, and keeps the others', () => {
    const snapshot = of([
      ...Array<number>(40).fill(1),
      ...Array<number>(1000).fill(8),
      ...Array<number>(300).fill(64),
    ]).snapshot();
    const below = (edge: number) => snapshot.cumulative[BUCKET_EDGES.indexOf(edge)];
    expect([below(2), below(16), below(128)]).toEqual([40, 1040, 1340]);
    expect(snapshot.count).toBe(1340);
  });

  it('has count, sum, mean and max exactly, and percentiles of a known series within 3.2 %', () => {
    const snapshot = of(Array.from({ length: 1000 }, (_, i) => i + 1)).snapshot();
    expect(snapshot).toMatchObject({ count: 1000, sum: 500_500, mean: 500.5, max: 1000 });
    for (const [p, exact] of [
      [snapshot.p50, 500],
      [snapshot.p95, 950],
      [snapshot.p99, 990],
    ] as const) {
      expect(Math.abs(p - exact) / exact).toBeLessThanOrEqual(0.032);
    }
  });

  it('has every percentile within 3.2 % of the exact one, whatever the values', () => {
    fc.assert(
      fc.property(
        fc.array(inRange, { minLength: 1, maxLength: 200 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (values, q) => {
          const exact = exactQuantile(values, q);
          expect(Math.abs(of(values).quantile(q) - exact) / exact).toBeLessThanOrEqual(0.032);
        },
      ),
    );
  });

  it('counts below each edge exactly', () => {
    const nearEdges = fc
      .constantFrom(...BUCKET_EDGES)
      .chain((edge) => fc.constantFrom(edge, edge * (1 - 2 ** -52), edge * 1.01));
    fc.assert(
      fc.property(fc.array(fc.oneof(inRange, nearEdges), { maxLength: 200 }), (values) => {
        expect(of(values).snapshot().cumulative).toEqual(
          BUCKET_EDGES.map((edge) => values.filter((value) => value < edge).length),
        );
      }),
    );
  });

  it('grows monotonically from percentile to percentile, up to the maximum', () => {
    fc.assert(
      fc.property(fc.array(inRange, { minLength: 1, maxLength: 100 }), (values) => {
        const { p50, p95, p99, max } = of(values).snapshot();
        expect(p50).toBeLessThanOrEqual(p95);
        expect(p95).toBeLessThanOrEqual(p99);
        expect(p99).toBeLessThanOrEqual(max);
        expect(max).toBe(Math.max(...values));
      }),
    );
  });

  it.each([0, -1, -0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    'counts %d as 0',
    (value) => {
      expect(of([value]).snapshot()).toMatchObject({ count: 1, sum: 0, max: 0, p50: 0, p99: 0 });
    },
  );

  it('counts what is out of range at its ends', () => {
    expect(of([1e-9, 1e-9]).quantile(0.5)).toBeLessThan(0.0011);
    const huge = of([1e12, 1e12, 1e12]).snapshot();
    expect(huge).toMatchObject({ count: 3, max: 1e12 });
    expect(huge.p50).toBeGreaterThan(2 ** 25);
  });
});
