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
    expect(roundTrips(new Eagerness(), 10_000, { eager: 0.08, calm: 0.03 })).toBeLessThan(300);
  });

  it('is given up for guests that take long: waking costs little beside them', () => {
    expect(roundTrips(new Eagerness(), 10_000, { eager: 5, calm: 5.1 })).toBeLessThan(300);
  });

  it('comes back once it is faster again', () => {
    const eagerness = new Eagerness();
    roundTrips(eagerness, 10_000, { eager: 0.08, calm: 0.03 });
    roundTrips(eagerness, 5000, { eager: 0.02, calm: 0.1 });
    expect(roundTrips(eagerness, 1000, { eager: 0.02, calm: 0.1 })).toBeGreaterThan(900);
  });
});
