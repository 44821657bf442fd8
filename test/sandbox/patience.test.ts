import { expect, it } from 'vitest';
import { Patience } from '../../src/sandbox/patience.js';

it('is lost by waits in vain, the more of them in a row the longer, and is back after one success', () => {
  const patience = new Patience();
  const tried: number[] = [];
  for (let wait = 0; wait < 40; wait++) {
    if (!patience.left) continue;
    tried.push(wait);
    patience.inVain();
  }
  // Skipped: none, none, one, three, seven, fifteen.
  expect(tried).toEqual([0, 1, 3, 7, 15, 31]);
  patience.paidOff();
  expect([patience.left, patience.left]).toEqual([true, true]);
});
