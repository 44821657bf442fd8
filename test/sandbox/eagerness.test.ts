import { describe, expect, it } from 'vitest';
import { Eagerness } from '../../src/sandbox/eagerness.js';

/** So many round trips that take what `ms` says; how many of them were eager. */
function roundTrips(eagerness: Eagerness, times: number, ms: { eager: number; calm: number }): number {
  let eager = 0;
  let now = 0;
  for (let i = 0; i < times; i++) {
    eagerness.begins(now);
    if (eagerness.isEager) eager++;
    now += eagerness.isEager ? ms.eager : ms.calm;
    eagerness.answered(now);
  }
  return eager;
}

describe('staying awake for short calls', () => {
  it('is kept up where it is faster', () => {
    expect(roundTrips(new Eagerness(), 10_000, { eager: 0.02, calm: 0.1 })).toBeGreaterThan(9800);
  });

  it('is given up where sleeping is faster, because somebody else needs the processor', () => {
    const eagerness = new Eagerness();
    expect(roundTrips(eagerness, 10_000, { eager: 0.08, calm: 0.03 })).toBeLessThan(1000);
    // Rarely enough that it is not what a caller sees as its p99.
    expect(roundTrips(eagerness, 100_000, { eager: 0.08, calm: 0.03 })).toBeLessThan(1000);
  });

  it('is not given up for what the first results take while the system moves host and thread apart', () => {
    const eagerness = new Eagerness();
    roundTrips(eagerness, 10_000, { eager: 0.08, calm: 0.06 });
    let now = 0;
    let eager = 0;
    let settlesAt = Number.POSITIVE_INFINITY;
    for (let i = 0; i < 40_000; i++) {
      eagerness.begins(now);
      const { isEager } = eagerness;
      if (!isEager) settlesAt = Number.POSITIVE_INFINITY;
      else settlesAt = Math.min(settlesAt, now + 5);
      if (isEager) eager++;
      now += !isEager ? 0.075 : now < settlesAt ? 0.2 : 0.05;
      eagerness.answered(now);
    }
    expect(eager).toBeGreaterThan(20_000);
  });

  it('is given up for guests that take long: waking costs little beside them', () => {
    expect(roundTrips(new Eagerness(), 10_000, { eager: 5, calm: 5.1 })).toBeLessThan(300);
  });

  it('comes back once it is faster again', () => {
    const eagerness = new Eagerness();
    roundTrips(eagerness, 10_000, { eager: 0.08, calm: 0.03 });
    roundTrips(eagerness, 20_000, { eager: 0.02, calm: 0.1 });
    expect(roundTrips(eagerness, 1000, { eager: 0.02, calm: 0.1 })).toBeGreaterThan(900);
  });

  it('is judged by what is usual: a result now and then that is held up changes nothing', () => {
    const eagerness = new Eagerness();
    let now = 0;
    let eager = 0;
    for (let i = 0; i < 20_000; i++) {
      eagerness.begins(now);
      if (eagerness.isEager) eager++;
      // One in ten meets the collector, whichever way it goes.
      now += i % 10 === 3 ? 5 : eagerness.isEager ? 0.05 : 0.075;
      eagerness.answered(now);
    }
    expect(eager).toBeGreaterThan(18_000);
  });

  it('is judged by results, however many come together', () => {
    const eagerness = new Eagerness();
    let now = 0;
    let eager = 0;
    for (let stretch = 0; stretch < 2_000; stretch++) {
      eagerness.begins(now);
      for (let left = 256; left > 0; ) {
        const results = Math.min(left, eagerness.isEager ? 3 : 64);
        left -= results;
        now += results * (eagerness.isEager ? 0.002 : 0.004);
        eagerness.answered(now, results);
      }
      if (eagerness.isEager) eager++;
    }
    expect(eager).toBeGreaterThan(1_800);
  });
});
