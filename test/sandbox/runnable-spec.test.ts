import { expect, test } from 'vitest';
import { DEFAULT_LIMITS } from '../../src/manifest/limits.js';
import type { GuestSpec } from '../../src/sandbox/protocol.js';
import { runnableSpec } from '../../src/sandbox/runnable-spec.js';

const spec = (id: number, limits: Partial<GuestSpec['limits']> = {}): GuestSpec => ({
  ...{ id, plugin: `p${id}`, version: '1.0.0', modules: [], startup: [], renamedExports: new Map() },
  ...{ guestPages: 1, config: [], hostFunctions: [], logLevel: 0, limits: { ...DEFAULT_LIMITS, ...limits } },
});

test('plugins with the same limits share them, frozen, and nobody gets another’s', () => {
  const [one, same, other, again] = [spec(1), spec(2), spec(3, { cpuMs: 5 }), spec(4)].map(runnableSpec);
  expect(same!.limits).toBe(one!.limits);
  expect(Object.isFrozen(one!.limits)).toBe(true);
  expect(other!.limits).toEqual({ ...DEFAULT_LIMITS, cpuMs: 5 });
  expect(again!.limits).toEqual(DEFAULT_LIMITS);
});
