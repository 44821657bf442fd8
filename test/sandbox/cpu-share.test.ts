import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CpuShare } from '../../src/sandbox/cpu-share.js';

describe('a share of the processor', () => {
  it('lets the share of one second be used at once after a quiet time, and makes who used more wait', () => {
    const share = new CpuShare(0.5);
    share.use(500, 0, 20_000);
    expect(share.delayMs(20_000)).toBe(0);
    share.use(100, 0, 20_000);
    expect(share.delayMs(20_000)).toBeCloseTo(200);
    expect(share.delayMs(20_150)).toBeCloseTo(50);
    expect(share.delayMs(20_200)).toBe(0);
  });

  it('holds a steady load to the share by many short waits, and not by one long one', () => {
    const share = new CpuShare(0.8);
    let now = 50_000;
    let used = 0;
    let longest = 0;
    const end = now + 60_000;
    while (now < end) {
      const delay = share.delayMs(now);
      longest = Math.max(longest, delay);
      now += delay + 10;
      share.use(10, 10, now);
      used += 10;
    }
    expect(used / 60_000).toBeGreaterThan(0.79);
    expect(used / 60_000).toBeLessThan(0.82);
    expect(longest).toBeLessThan(10);
  });

  it('takes a long call for what it was: at the share there is no debt, beyond it the rest', () => {
    const even = new CpuShare(0.5);
    even.use(3000, 6000, 60_000);
    expect(even.delayMs(60_000)).toBe(0);
    const two = new CpuShare(1);
    two.use(6000, 6000, 60_000);
    two.use(6000, 6000, 60_000);
    expect(two.delayMs(60_000)).toBeGreaterThan(4900);
    expect(two.delayMs(60_000)).toBeLessThanOrEqual(5100);
  });

  it('never makes anybody wait for more than 10 s', () => {
    const share = new CpuShare(0.01);
    for (let i = 0; i < 100; i++) share.use(30_000, 30_000, 100_000);
    expect(share.delayMs(100_000)).toBe(10_000);
    expect(share.delayMs(109_000)).toBeLessThanOrEqual(1000);
    expect(share.delayMs(110_000)).toBe(0);
  });

  it('knows what was used over the last 10 s, and forgets what was before', () => {
    const share = new CpuShare(Number.POSITIVE_INFINITY);
    share.use(2000, 0, 20_000);
    share.use(3000, 3000, 25_000);
    expect(share.percent(25_000)).toBeCloseTo(50);
    expect(share.percent(31_000)).toBeCloseTo(30);
    expect(share.percent(40_000)).toBe(0);
    expect(share.delayMs(25_000)).toBe(0);
  });

  it('gives back what was put down too much', () => {
    const share = new CpuShare(0.5);
    share.use(5000, 0, 20_000);
    share.use(-5000, 0, 20_000);
    expect(share.delayMs(20_000)).toBe(0);
    expect(share.percent(20_000)).toBe(0);
  });

  it('takes a moment that is a little older than the last for what it is', () => {
    const share = new CpuShare(0.5);
    share.use(10, 0, 20_105);
    share.use(4, 2, 20_099.5);
    share.use(4, 2, 20_104);
    expect(share.percent(20_105)).toBeCloseTo(0.18);
  });

  it('of nothing is nothing', () => {
    expect(new CpuShare(0).delayMs(0)).toBe(Number.POSITIVE_INFINITY);
  });

  it('counts from the very beginning of the clock on', () => {
    const share = new CpuShare(1);
    share.use(3000, 3000, 3000);
    share.use(3000, 3000, 3000);
    expect(share.percent(3000)).toBeCloseTo(60);
    expect(share.delayMs(3000)).toBeGreaterThan(1900);
  });

  it('is in debt as one that looks at each step of 100 ms by itself', () => {
    const rate = 0.5;
    const use = fc.record({
      passed: fc.nat(4000),
      durationMs: fc.nat(5000),
      cpuMs: fc.integer({ min: -100, max: 3000 }),
    });
    fc.assert(
      fc.property(fc.array(use, { maxLength: 60 }), (uses) => {
        const share = new CpuShare(rate);
        const steps: number[] = [];
        let now = 20_000;
        for (const { passed, durationMs, cpuMs } of uses) {
          now += passed;
          share.use(cpuMs, durationMs, now);
          for (let from = now - durationMs; durationMs > 0 && from < now; ) {
            const to = Math.min(now, (Math.floor(from / 100) + 1) * 100);
            const step = Math.floor(from / 100);
            steps[step] = (steps[step] ?? 0) + (cpuMs * (to - from)) / durationMs;
            from = to;
          }
          const step = Math.floor(now / 100);
          if (durationMs === 0) steps[step] = (steps[step] ?? 0) + cpuMs;
          let debt = -1000 * rate;
          for (let past = 0; past < step; past++) {
            const after = debt + (steps[past] ?? 0) - 100 * rate;
            debt = Math.min(Math.max(after, -1000 * rate), 10_000 * rate);
          }
          debt += (steps[step] ?? 0) - rate * (now - step * 100);
          expect(share.delayMs(now)).toBeCloseTo(Math.min(Math.max(debt, 0) / rate, 10_000), 3);
        }
      }),
    );
  });
});
