import { describe, expect, it } from 'vitest';
import { RecentCalls } from '../../src/metrics/recent-calls.js';

describe('RecentCalls', () => {
  it('counts the calls and failures of the last minute', () => {
    const recent = new RecentCalls();
    recent.record(1_000_000, false);
    recent.record(1_015_000, true);
    expect(recent.snapshot(1_020_000)).toEqual({ windowMs: 60_000, calls: 2, failures: 1 });
  });

  it('forgets slot by slot, and everything after a long silence', () => {
    const recent = new RecentCalls();
    for (let i = 0; i < 6; i++) recent.record(i * 10_000, true);
    expect(recent.snapshot(59_999).calls).toBe(6);
    expect(recent.snapshot(60_000).calls).toBe(5);
    expect(recent.snapshot(85_000).calls).toBe(3);
    expect(recent.snapshot(1e12).calls).toBe(0);
  });

  it('counts into the newest slot when the clock is set back', () => {
    const recent = new RecentCalls();
    recent.record(100_000, false);
    recent.record(10, true);
    expect(recent.snapshot(100_000)).toMatchObject({ calls: 2, failures: 1 });
  });
});
