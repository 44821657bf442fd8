import { describe, expect, it } from 'vitest';
import { SpinCredit } from '../../src/sandbox/spin-credit.js';

/** So many waits, each so long after the one before. */
function waits(credit: SpinCredit, count: number, everyMs: number, from = 0): void {
  for (let i = 0; i < count; i++) credit.waits(from + i * everyMs);
}

describe('the time that a thread may spin for', () => {
  it('is none at first, and none for those who come now and then', () => {
    const credit = new SpinCredit();
    expect(credit.ms).toBe(0);
    waits(credit, 10_000, 1);
    expect(credit.ms).toBe(0);
  });

  it('is earned by those who come one upon the other', () => {
    const credit = new SpinCredit();
    waits(credit, 11, 0.07);
    expect(credit.ms).toBeCloseTo(0.5);
  });

  it('is at most three milliseconds at once, and twenty in all', () => {
    const credit = new SpinCredit();
    waits(credit, 10_000, 0.004);
    let spent = 0;
    while (credit.ms > 0) {
      expect(credit.ms).toBeLessThanOrEqual(3);
      spent += credit.ms;
      credit.spend(credit.ms);
    }
    expect(spent).toBeCloseTo(20);
  });

  it('is never owed, however late it was seen that it is over', () => {
    const credit = new SpinCredit();
    waits(credit, 2, 0.07);
    credit.spend(5);
    credit.waits(0.1);
    expect(credit.ms).toBeCloseTo(0.05);
  });
});
