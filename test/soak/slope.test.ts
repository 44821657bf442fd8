import { describe, expect, it } from 'vitest';
import { judge, percentile } from './slope.js';

const x = Array.from({ length: 60 }, (_, i) => i);
/** Noise that is the same each time, without a trend. */
const noise = (i: number) => ((i * 7919) % 13) - 6;

describe('the slope test of the soak', () => {
  it('calls noise around a level flat', () => {
    const verdict = judge(
      x,
      x.map((i) => 100 + noise(i)),
      { share: 0.02 },
    );
    expect(verdict).toMatchObject({ flat: true });
    expect(Math.abs(verdict.growth)).toBeLessThan(2);
  });

  it('finds a small steady growth under larger noise', () => {
    const verdict = judge(
      x,
      x.map((i) => 100 + noise(i) + i * 0.2),
      { share: 0.05 },
    );
    expect(verdict.flat).toBe(false);
    expect(verdict.growth).toBeGreaterThan(10);
    expect(verdict.z).toBeGreaterThan(1.64);
  });

  it('is not misled by a few peaks', () => {
    const values = x.map((i) => (i > 50 && i % 3 === 0 ? 1000 : 100 + noise(i)));
    expect(judge(x, values, { share: 0.05 }).flat).toBe(true);
  });

  it('lets pass what is allowed, and a fall', () => {
    expect(judge(x, x, { least: 100 }).flat).toBe(true);
    expect(judge(x, x).flat).toBe(false);
    expect(
      judge(
        x,
        x.map((i) => -i),
      ).flat,
    ).toBe(true);
  });

  it('has an answer for next to no values', () => {
    expect(judge([], [])).toMatchObject({ level: 0, growth: 0, flat: true });
    expect(judge([1], [5])).toMatchObject({ level: 5, growth: 0, flat: true });
  });
});

it('a percentile is one of the values', () => {
  expect(percentile([3, 1, 2], 0.5)).toBe(2);
  expect(percentile([3, 1, 2], 0.99)).toBe(3);
  expect(percentile([], 0.5)).toBeUndefined();
});
