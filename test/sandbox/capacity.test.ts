import { describe, expect, it } from 'vitest';
import { Capacity } from '../../src/sandbox/capacity.js';

/** Takes one place each time that it is told of room, and notes it. */
const waiter = (name: string, capacity: Capacity, log: string[], wanted = 1) => {
  const self = {
    wanted,
    onCapacity: () => {
      while (self.wanted > 0 && capacity.hasRoom(self)) {
        capacity.take();
        self.wanted--;
        log.push(name);
      }
    },
  };
  return self;
};

describe('the places for running calls', () => {
  it('are no more than the limit', () => {
    const capacity = new Capacity(2);
    const log: string[] = [];
    waiter('a', capacity, log, 5).onCapacity();
    expect(log).toEqual(['a', 'a']);
    expect([capacity.used, capacity.limit]).toEqual([2, 2]);
  });

  it('go round: who has many waiting does not hold up the others', () => {
    const capacity = new Capacity(1);
    const log: string[] = [];
    waiter('flood', capacity, log, 4).onCapacity();
    waiter('quiet', capacity, log, 1).onCapacity();
    waiter('other', capacity, log, 1).onCapacity();
    for (let i = 0; i < 5; i++) capacity.release();
    expect(log).toEqual(['flood', 'flood', 'quiet', 'other', 'flood', 'flood']);
  });

  it('that are taken beyond the limit are paid back before others go on', () => {
    const capacity = new Capacity(1);
    const log: string[] = [];
    waiter('a', capacity, log, 2).onCapacity();
    capacity.take();
    capacity.release();
    expect(log).toEqual(['a']);
    capacity.release();
    expect(log).toEqual(['a', 'a']);
  });

  it('go to the next where a waiter has nothing left to run', () => {
    const capacity = new Capacity(1);
    const log: string[] = [];
    capacity.take();
    const done = waiter('done', capacity, log, 1);
    done.onCapacity();
    done.wanted = 0;
    waiter('next', capacity, log, 1).onCapacity();
    capacity.release();
    expect(log).toEqual(['next']);
  });

  it('are not given to who is gone', () => {
    const capacity = new Capacity(1);
    const log: string[] = [];
    const gone = waiter('gone', capacity, log, 2);
    gone.onCapacity();
    waiter('next', capacity, log, 1).onCapacity();
    capacity.forget(gone);
    capacity.release();
    expect(log).toEqual(['gone', 'next']);
  });
});
