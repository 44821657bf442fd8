import { expect, it } from 'vitest';
import { AddressSpace } from '../../src/sandbox/address-space.js';
import type { GuestSpec } from '../../src/sandbox/protocol.js';
import { SharedBudget, SharedBudgets } from '../../src/sandbox/shared-budget.js';

const LIMIT = 4000;
/** With its kernel's it has 16. */
const SPEC = { plugin: 'p', version: '1.0.0', memories: 15 } as GuestSpec;

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
  expect(budgets.used).toBe(100 * 16);
  idle.idle();
  expect(budgets.used).toBe(0);
});

it('a start that finds none left fails, and one after it finds what was given back', () => {
  const { budgets, thread } = space();
  const one = thread();
  const other = thread();
  for (let i = 0; i < LIMIT / 16; i++) expect(one.take(SPEC)).toBeUndefined();
  expect(other.take(SPEC)).toMatchObject({ code: 'ERR_MEMORY' });
  expect(budgets.used).toBe(LIMIT);
  one.give({}, SPEC);
  expect(one.take(SPEC)).toBeUndefined();
  expect(budgets.used).toBe(LIMIT);
});
