import { expect, test } from 'vitest';
import { DEFAULT_LIMITS, effectiveLimits } from '../../src/manifest/limits.js';

test('the lower of both counts, field by field', () => {
  const ceiling = Object.freeze({ ...DEFAULT_LIMITS, fuel: 1000 });
  const limits = effectiveLimits({ memoryBytes: 65_536, timeoutMs: 1e9, cpuMs: 0, fuel: 2000 }, ceiling);
  expect(limits).toEqual({ ...ceiling, memoryBytes: 65_536, cpuMs: 0 });
  expect(Object.isFrozen(limits)).toBe(true);
  expect(ceiling.memoryBytes).toBe(DEFAULT_LIMITS.memoryBytes);
});

test('where nothing is lower they are the host’s own if nobody can change these, and a frozen copy otherwise', () => {
  expect(effectiveLimits({ timeoutMs: 1e9 }, DEFAULT_LIMITS)).toBe(DEFAULT_LIMITS);
  const changeable = { ...DEFAULT_LIMITS };
  const copy = effectiveLimits({}, changeable);
  changeable.fuel = 1;
  expect(copy).toEqual(DEFAULT_LIMITS);
  expect(Object.isFrozen(copy)).toBe(true);
});
