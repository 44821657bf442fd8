import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SlidingWindow } from '../../src/violations/sliding-window.js';

describe('SlidingWindow', () => {
  it('counts what is at most windowMs old, to the millisecond', () => {
    const window = new SlidingWindow(60_000);
    expect(window.add(0)).toBe(1);
    expect(window.add(30_000)).toBe(2);
    expect(window.count(60_000)).toBe(2);
    expect(window.count(60_001)).toBe(1);
    expect(window.count(90_001)).toBe(0);
  });

  it('holds at most 130 entries through a flood of a million, and forgets them all afterwards', () => {
    const window = new SlidingWindow(60_000);
    let largest = 0;
    for (let i = 0; i < 1_000_000; i++) {
      window.add(i * 0.5);
      largest = Math.max(largest, window.size);
    }
    expect(largest).toBeLessThanOrEqual(130);
    expect(window.count(500_000 + 60_001)).toBe(0);
    expect(window.size).toBe(0);
  });

  it('never expires anything when the window is Infinity, and holds one entry', () => {
    const window = new SlidingWindow(Number.POSITIVE_INFINITY);
    for (let i = 0; i < 1000; i++) window.add(i * 1e9);
    expect(window.count(1e15)).toBe(1000);
    expect(window.size).toBe(1);
  });

  it('counts only the same millisecond when the window is 0', () => {
    const window = new SlidingWindow(0);
    window.add(5);
    expect(window.add(5)).toBe(2);
    expect(window.size).toBe(1);
    expect(window.add(6)).toBe(1);
  });

  it('takes a clock that was set back for standing still', () => {
    const window = new SlidingWindow(1000);
    window.add(5000);
    expect(window.add(10)).toBe(2);
    expect(window.count(10)).toBe(2);
    expect(window.count(6001)).toBe(0);
  });

  it('counts at least what an exact window does, and at most what one of a 128th more does', () => {
    const gaps = fc.array(fc.double({ min: 0, max: 400, noNaN: true }), { maxLength: 300 });
    fc.assert(
      fc.property(gaps, fc.integer({ min: 1, max: 2000 }), (steps, windowMs) => {
        const window = new SlidingWindow(windowMs);
        const times: number[] = [];
        let at = 0;
        for (const step of steps) {
          at += step;
          times.push(at);
          const count = window.add(at);
          const exact = times.filter((time) => at - time <= windowMs).length;
          const loose = times.filter((time) => at - time <= windowMs * (1 + 1 / 128) + 1e-6).length;
          expect(count).toBeGreaterThanOrEqual(exact);
          expect(count).toBeLessThanOrEqual(loose);
        }
      }),
    );
  });
});
