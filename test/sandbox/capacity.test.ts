import { describe, expect, it } from 'vitest';
import { Capacity } from '../../src/sandbox/capacity.js';
import { CpuShare } from '../../src/sandbox/cpu-share.js';

const cost = (durationMs: number, cpuMs = 0) => ({ durationMs, cpuMs });
const ONE = cost(1);
const places = (limit: number) => new Capacity(limit, new CpuShare(Number.POSITIVE_INFINITY));

/** Takes a place whenever there is one, as often as wanted, and notes it. */
const waiter = (name: string, capacity: Capacity, log: string[], wanted = 1, expected = ONE) => {
  const self = {
    wanted,
    isOverShare: false,
    onCapacity: () => {
      while (self.wanted > 0 && capacity.hasRoom(self)) {
        self.wanted--;
        log.push(name);
        capacity.take(self, expected);
      }
    },
  };
  return self;
};

describe('the places for running calls', () => {
  it('are no more than the limit', () => {
    const capacity = places(2);
    const log: string[] = [];
    waiter('a', capacity, log, 5).onCapacity();
    expect(log).toEqual(['a', 'a']);
    expect([capacity.used, capacity.limit, capacity.isOpen()]).toEqual([2, 2, false]);
  });

  it('go round: who has many waiting does not hold up the others', () => {
    const capacity = places(1);
    const log: string[] = [];
    const flood = waiter('flood', capacity, log, 4);
    flood.onCapacity();
    waiter('quiet', capacity, log, 1).onCapacity();
    waiter('other', capacity, log, 1).onCapacity();
    for (let i = 0; i < 5; i++) capacity.release(flood, ONE, ONE);
    expect(log).toEqual(['flood', 'flood', 'quiet', 'other', 'flood', 'flood']);
  });

  it('go to who has held them for less time, however many calls that are', () => {
    const capacity = places(1);
    const log: string[] = [];
    const blocker = waiter('x', capacity, [], 1);
    blocker.onCapacity();
    const slow = waiter('s', capacity, log, 10, cost(10));
    const quick = waiter('q', capacity, log, 100, cost(1));
    slow.onCapacity();
    quick.onCapacity();
    capacity.release(blocker, ONE, ONE);
    while (log.length < 55) {
      const last = log.at(-1);
      if (last === 's') capacity.release(slow, cost(10), cost(10));
      else capacity.release(quick, cost(1), cost(1));
    }
    expect(log.filter((name) => name === 's')).toHaveLength(5);
  });

  it('go first to who is within its share of the processor', () => {
    const capacity = places(1);
    const log: string[] = [];
    const greedy = waiter('greedy', capacity, log, 3);
    greedy.isOverShare = true;
    greedy.onCapacity();
    waiter('modest', capacity, log, 2).onCapacity();
    for (let i = 0; i < 4; i++) capacity.release(greedy, ONE, ONE);
    expect(log).toEqual(['greedy', 'modest', 'modest', 'greedy', 'greedy']);
  });

  it('that are taken beyond the limit are paid back before others go on', () => {
    const capacity = places(1);
    const log: string[] = [];
    const a = waiter('a', capacity, log, 2);
    a.onCapacity();
    capacity.take(a, ONE);
    capacity.release(a, ONE, ONE);
    expect(log).toEqual(['a']);
    capacity.release(a, ONE, ONE);
    expect(log).toEqual(['a', 'a']);
  });

  it('go to the next where a waiter has nothing left to run', () => {
    const capacity = places(1);
    const log: string[] = [];
    const first = waiter('first', capacity, log, 1);
    first.onCapacity();
    const done = waiter('done', capacity, log, 1);
    done.onCapacity();
    done.wanted = 0;
    waiter('next', capacity, log, 1).onCapacity();
    capacity.release(first, ONE, ONE);
    expect(log).toEqual(['first', 'next']);
  });

  it('are not given to who is gone', () => {
    const capacity = places(1);
    const log: string[] = [];
    const gone = waiter('gone', capacity, log, 2);
    gone.onCapacity();
    waiter('next', capacity, log, 1).onCapacity();
    capacity.forget(gone);
    capacity.release(gone, ONE, ONE);
    expect(log).toEqual(['gone', 'next']);
  });

  it('are full with the figures that the host was given', () => {
    const capacity = new Capacity(10, new CpuShare(0.07 * 2), 2);
    expect(capacity.refusal).toBeUndefined();
    capacity.cpu.use(2000, 0, performance.now());
    expect(capacity.refusal).toMatchObject({ code: 'ERR_BUSY', details: { limit: 7 } });
  });

  it('wait while guests have used the processor for more than their share, and go on by themselves', async () => {
    const capacity = new Capacity(10, new CpuShare(0.5));
    const log: string[] = [];
    capacity.cpu.use(560, 0, performance.now());
    expect(capacity.isPaced()).toBe(true);
    const goesOn = new Promise<void>((resolve) => {
      const one = waiter('one', capacity, log, 1);
      waiter('two', capacity, log, 1).onCapacity();
      const { onCapacity } = one;
      one.onCapacity = () => {
        onCapacity();
        if (one.wanted === 0) resolve();
      };
      one.onCapacity();
    });
    expect(log).toEqual([]);
    await goesOn;
    expect(log).toEqual(['two', 'one']);
  });
});
