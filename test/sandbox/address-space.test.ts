import { expect, it } from 'vitest';
import { AddressSpace } from '../../src/sandbox/address-space.js';
import type { GuestSpec } from '../../src/sandbox/protocol.js';
import { SharedBudget, SharedBudgets } from '../../src/sandbox/shared-budget.js';

/** A memory counts five. */
const LIMIT = 5 * 4000;
/** With its kernel's it has 16. */
const COUNT = 5 * 16;
const GIB = 2 ** 30;
const SPEC = {
  plugin: 'p',
  version: '1.0.0',
  memories: 15,
  hostFunctions: [] as GuestSpec['hostFunctions'],
  limits: { memoryBytes: GIB },
} as GuestSpec;

function space() {
  const budgets = new SharedBudgets(LIMIT);
  return { budgets, thread: () => new AddressSpace(new SharedBudget(budgets.share().data)) };
}

it('what instances left behind is collected before the addresses are used up', () => {
  const { budgets, thread } = space();
  const one = thread();
  for (let i = 0; i < 1000; i++) {
    expect(one.take(SPEC)).toBeUndefined();
    one.give({}, SPEC);
    expect(budgets.used).toBeLessThan(0.6 * LIMIT);
  }
});

it('a thread that has nothing to do keeps no addresses from the others', () => {
  const { budgets, thread } = space();
  const idle = thread();
  for (let i = 0; i < 100; i++) {
    idle.take(SPEC);
    idle.give({}, SPEC);
  }
  expect(budgets.used).toBe(100 * COUNT);
  idle.idle();
  expect(budgets.used).toBe(0);
});

it('a start that finds none left fails, and one after it finds what was given back', () => {
  const { budgets, thread } = space();
  const one = thread();
  const other = thread();
  for (let i = 0; i < LIMIT / COUNT; i++) expect(one.take(SPEC)).toBeUndefined();
  expect(other.take(SPEC)).toMatchObject({ code: 'ERR_MEMORY' });
  expect(budgets.used).toBe(LIMIT);
  one.give({}, SPEC);
  expect(one.take(SPEC)).toBeUndefined();
  expect(budgets.used).toBe(LIMIT);
});

it('a kernel whose memory takes no more addresses than it may grow to counts less, unless its host looks into it', () => {
  const { budgets } = space();
  const one = new AddressSpace(new SharedBudget(budgets.share().data), true);
  const counted = (spec: Partial<GuestSpec>) => {
    const before = budgets.used;
    one.take({ ...SPEC, ...spec });
    return budgets.used - before;
  };
  const limits = (memoryBytes: number) => ({ ...SPEC.limits, memoryBytes });
  expect(counted({})).toBe(5 * 15 + 2);
  expect(counted({ memories: 1, limits: limits(4 * GIB) })).toBe(5 + 3);
  // Its mappings are as many as those of others.
  expect(counted({ memories: 0 })).toBe(5 + 2);
  const raw = { module: 'm', name: 'f', params: [], result: 'i32', raw: true } as const;
  expect(counted({ memories: 1, hostFunctions: [raw] })).toBe(5 + 5);
});
