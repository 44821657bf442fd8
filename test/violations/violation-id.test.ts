import { expect, it } from 'vitest';
import { violationIds } from '../../src/violations/violation-id.js';

it('makes ids that are unique and sort in the order of their making, also when the clock is set back', () => {
  const next = violationIds();
  const times = [0, 1, 1, 1, 50, 49, 48, 1.7e12, 1.7e12 + 0.25, 1.6e12, 1.7e12 + 1];
  const ids = times.flatMap((at) => Array.from({ length: 100 }, () => next(at)));
  expect(new Set(ids).size).toBe(ids.length);
  expect([...ids].sort()).toEqual(ids);
  expect(new Set(ids.map((id) => id.length))).toEqual(new Set([23]));
});

it('makes different ids in different hosts at the same time', () => {
  const makers = Array.from({ length: 50 }, () => violationIds());
  expect(new Set(makers.map((next) => next(1000))).size).toBe(50);
});
