import { describe, expect, it } from 'vitest';
import type { InstanceSlot } from '../../src/sandbox/instance-slot.js';
import { InstanceTurns, LEAST_TURN_MS } from '../../src/sandbox/instance-turns.js';
import type { JobQueue } from '../../src/sandbox/job-queue.js';
import type { SlotSet } from '../../src/sandbox/slot-set.js';

const slot = (tenant: string, more: Partial<InstanceSlot> = {}) =>
  ({
    ...{ tenant, ready: true, isLeaving: false, served: 1, inFlight: 1 },
    ...{ readySince: 0, heldBefore: 0, startMs: 1, lastUsed: 0 },
    ...more,
  }) as InstanceSlot;

function turnsOf(slots: readonly InstanceSlot[], { waiting = [] as readonly string[], heldMs = 0 } = {}) {
  const queue = { waiting: (tenant: string) => waiting.filter((one) => one === tenant).length };
  return new InstanceTurns(new Set(slots) as unknown as SlotSet, queue as JobQueue, () => heldMs);
}

describe('the turn of an instance', () => {
  it('is over after its time, which is longer where its start took long', () => {
    expect(turnsOf([]).endOf(slot('a', { readySince: 100 }))).toBe(100 + LEAST_TURN_MS);
    expect(turnsOf([]).endOf(slot('a', { readySince: 100, startMs: 50 }))).toBe(300);
  });

  it('is longer by the time for which calls were held back in it', () => {
    const turns = turnsOf([], { heldMs: 500 });
    const before = slot('a', { readySince: 100 });
    expect(turns.endOf(before)).toBe(600 + LEAST_TURN_MS);
    turns.began(before);
    expect(turns.endOf(before)).toBe(100 + LEAST_TURN_MS);
  });

  it('ends for the one that has had it longest, where it gets on with its calls', () => {
    const [first, second, stuck, fresh] = [
      slot('a', { readySince: 10, lastUsed: 999 }),
      slot('b', { readySince: 5, lastUsed: 999 }),
      slot('c', { readySince: 0, lastUsed: 100 }),
      slot('d', { readySince: 999, lastUsed: 999 }),
    ] as const;
    expect(turnsOf([first, second, stuck, fresh]).next(1000)).toBe(second);
    expect(turnsOf([stuck, fresh]).next(1000)).toBe(stuck);
    expect(turnsOf([fresh]).next(1000)).toBe(fresh);
    expect(turnsOf([stuck, slot('e', { readySince: 50, inFlight: 0 })]).next(1000)?.tenant).toBe('e');
  });

  it('is not over before it has served one of the calls that it was made for', () => {
    const unused = slot('a', { served: 0 });
    expect(turnsOf([unused], { waiting: ['a'] }).next(1000)).toBeUndefined();
    expect(turnsOf([unused]).next(1000)).toBe(unused);
  });

  it('is of one that is ready, stays, and may go', () => {
    const slots = [slot('a', { ready: false }), slot('b', { isLeaving: true }), slot('c')];
    expect(turnsOf(slots).next(1000)?.tenant).toBe('c');
    expect(turnsOf(slots).next(1000, ({ tenant }) => tenant !== 'c')).toBeUndefined();
  });
});

it('an idle instance is free for others when it was idle for as long as its start took, or has had its turn', () => {
  const turns = turnsOf([]);
  expect(turns.freeAt(slot('a', { readySince: 0, startMs: 2, lastUsed: 10 }))).toBe(12);
  expect(turns.freeAt(slot('a', { readySince: 0, startMs: 2, lastUsed: 19 }))).toBe(LEAST_TURN_MS);
});
