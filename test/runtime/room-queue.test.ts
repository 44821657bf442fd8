import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RoomQueue } from '../../src/runtime/room-queue.js';

/** Plugins that want as many instances as there is room for. */
function setUp(room: number, endTurns: (most: number) => void = () => {}) {
  const clock = { now: 0 };
  const queue = new RoomQueue(endTurns, () => clock.now);
  const order: string[] = [];
  const state = { room };
  const plugin = (name: string, wanted: number, isBare = true) => {
    let has = isBare ? 0 : 1;
    const owner = { name };
    const wake = () => {
      order.push(name);
      if (state.room > 0 && wanted > 0) {
        state.room--;
        wanted--;
        has++;
      }
      if (wanted > 0) queue.add(wake, { isBare: has === 0, instances: () => has, owner });
    };
    queue.add(wake, { isBare, instances: () => has, owner });
    return owner;
  };
  const wake = () => {
    order.length = 0;
    queue.wake();
    return order.join(' ');
  };
  return { queue, state, plugin, wake, clock };
}

describe('who waits for room', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('is woken in the order in which it came, and once', () => {
    const { plugin, wake } = setUp(9);
    plugin('a', 1);
    plugin('b', 1);
    expect(wake()).toBe('a b');
    expect(wake()).toBe('');
  });

  it('comes first where it has none to go on with', () => {
    const { plugin, wake } = setUp(0);
    plugin('has one', 1, false);
    plugin('has none', 1);
    expect(wake()).toBe('has none has one');
  });

  it('comes last where it was just served and wants more', () => {
    const { state, plugin, wake } = setUp(0);
    plugin('a', 5, false);
    plugin('b', 5, false);
    const served = [];
    for (let i = 0; i < 4; i++) {
      state.room = 1;
      served.push(wake());
    }
    expect(served).toEqual(['a b', 'b a', 'a b', 'b a']);
  });

  it('has others end their turns, as long as it has none and waits', () => {
    const asked: number[] = [];
    const { queue, state, plugin } = setUp(0, (most) => {
      asked.push(most);
      if (asked.length === 2) {
        state.room = 2;
        queue.wake();
      }
    });
    plugin('a', 1);
    plugin('b', 1);
    plugin('has one', 1, false);
    vi.advanceTimersByTime(1000);
    expect(asked).toEqual([2, 2]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('leaves no timer behind where nobody wants anything any more, or all is closed', () => {
    const { queue, plugin } = setUp(0);
    queue.add(() => {}, { isBare: true, instances: () => 0, owner: {} });
    vi.advanceTimersByTime(20);
    expect(vi.getTimerCount()).toBe(0);
    plugin('a', 1);
    expect(vi.getTimerCount()).toBe(1);
    queue.close();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('has room kept for it, where it has none and waits longest; by turns, as there may never be enough', () => {
    const { queue, plugin, wake, clock } = setUp(0);
    const [hasOne, first, second] = [plugin('has one', 1, false), plugin('first', 1), plugin('second', 1)];
    const keptFrom = () => [hasOne, first, second, {}].map((owner) => queue.isKeptFrom(owner));
    expect(keptFrom()).toEqual([true, false, true, true]);
    wake();
    clock.now = 900;
    expect(keptFrom()).toEqual([true, false, true, true]);
    clock.now = 1100;
    expect(keptFrom()).toEqual([false, false, false, false]);
    clock.now = 2100;
    expect(keptFrom()).toEqual([true, false, true, true]);
  });
});
