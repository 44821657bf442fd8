import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GuestShare, GuestTotals } from '../../src/sandbox/guest-totals.js';
import type { InstanceSlot } from '../../src/sandbox/instance-slot.js';
import type { Job } from '../../src/sandbox/job.js';
import type { SlotPlace } from '../../src/sandbox/slot-loads.js';
import { SlotSet } from '../../src/sandbox/slot-set.js';

interface FakeThread {
  blocked: boolean;
  load: number;
  isBlocking(): boolean;
}

/** What a set knows of a slot. */
class FakeSlot {
  readonly tenant: string;
  readonly thread: FakeThread;
  ready = true;
  suspended = false;
  inFlight = 0;
  lastUsed = 0;
  memoryBytes = 1;
  isLeaving = false;
  leavingSince = 0;
  place: SlotPlace | undefined;

  constructor(tenant: string, thread: FakeThread = fakeThread()) {
    this.tenant = tenant;
    this.thread = thread;
  }

  leave(now: number): void {
    this.isLeaving = true;
    this.leavingSince = now;
    this.place?.among.move(asSlot(this), undefined);
  }

  set(changes: Partial<Pick<FakeSlot, 'ready' | 'inFlight' | 'suspended'>>): void {
    Object.assign(this, changes);
    this.place?.among.move(asSlot(this), this.ready ? this.inFlight : undefined);
  }
}

const fakeThread = (): FakeThread => ({ blocked: false, load: 0, isBlocking: () => false });
const asSlot = (slot: FakeSlot) => slot as unknown as InstanceSlot;
const job = (tenant = '', parent?: FakeThread) =>
  ({ tenant, ...(parent && { parent: { seq: 1, thread: parent } }) }) as unknown as Job;
const never = () => false;

function setOf(...slots: FakeSlot[]): SlotSet {
  const set = new SlotSet();
  for (const slot of slots) set.add(asSlot(slot));
  return set;
}

describe('the choice of an instance', () => {
  it('is one with the fewest jobs, of the right tenant, that is ready', () => {
    const [a, b, c, d] = [new FakeSlot(''), new FakeSlot(''), new FakeSlot('t'), new FakeSlot('')];
    const set = setOf(a, b, c, d);
    a.set({ inFlight: 2 });
    b.set({ inFlight: 1 });
    d.set({ ready: false });
    expect(set.choose(job(), 4, never)).toBe(b);
    expect(set.choose(job('t'), 4, never)).toBe(c);
    expect(set.choose(job('nobody'), 4, never)).toBeUndefined();
  });

  it('goes to the thread with less to do where several are idle', () => {
    const [a, b] = [new FakeSlot(''), new FakeSlot('')];
    a.thread.load = 3;
    expect(setOf(a, b).choose(job(), 1, never)).toBe(b);
  });

  it('takes one of a blocked thread last, and none where another is to come', () => {
    const [a, b] = [new FakeSlot(''), new FakeSlot('')];
    a.thread.blocked = true;
    const set = setOf(a, b);
    b.set({ inFlight: 1 });
    expect(set.choose(job(), 2, never)).toBe(b);
    expect(set.choose(job(), 1, never)).toBe(a);
    expect(set.choose(job(), 2, () => true)).toBeUndefined();
  });

  it('is, for a call on behalf of one that blocks its thread, an instance of that thread', () => {
    const thread: FakeThread = { blocked: true, load: 5, isBlocking: () => true };
    const [idle, inside] = [new FakeSlot(''), new FakeSlot('', thread)];
    const set = setOf(idle, inside);
    inside.set({ inFlight: 9 });
    expect(set.choose(job('', thread), 1, () => true)).toBe(inside);
    inside.set({ suspended: true });
    expect(set.choose(job('', thread), 1, () => true)).toBe(idle);
  });

  it('is, where calls are packed, the one that has work, until that is full or gets on no more', () => {
    const [a, b] = [new FakeSlot(''), new FakeSlot('')];
    const set = setOf(a, b);
    a.lastUsed = b.lastUsed = 100;
    const chosen = set.choose(job(), 2, never, true, 100) as unknown as FakeSlot;
    const other = chosen === a ? b : a;
    chosen.set({ inFlight: 1 });
    expect(set.choose(job(), 2, never, true, 100.5)).toBe(chosen);
    chosen.set({ inFlight: 2 });
    expect([set.hasRoom(2, true, 100.5), set.choose(job(), 2, never, true, 100.5)]).toEqual([
      false,
      undefined,
    ]);
    expect(set.hasRoom(2, false, 100.5)).toBe(true);
    // No call has ended for longer than a millisecond.
    expect([set.hasRoom(2, true, 101.5), set.choose(job(), 2, never, true, 101.5)]).toEqual([true, other]);
    // By now the other one is the last.
    other.set({ inFlight: 1 });
    chosen.set({ inFlight: 0 });
    expect(set.choose(job(), 2, never, true, 100.5)).toBe(other);
    expect(set.choose(job(), 2, never, false, 100.5)).toBe(chosen);
    chosen.set({ ready: false });
    expect(set.choose(job(), 2, never, true, 100.5)).toBe(other);
    // It stays the one when it has nothing to do, for its thread is the one that is awake; unless that has other work.
    chosen.set({ ready: true });
    other.set({ inFlight: 0 });
    expect(set.choose(job(), 2, never, true, 200)).toBe(other);
    other.thread.load = 1;
    expect(set.choose(job(), 2, never, true, 200)).toBe(chosen);
  });

  it('knows no window for a call that somebody waits for', () => {
    const slot = new FakeSlot('');
    const set = setOf(slot);
    slot.set({ inFlight: 7 });
    expect(set.choose(job(), 2, never)).toBeUndefined();
    expect(set.choose(job('', fakeThread()), 2, never)).toBe(slot);
  });
});

it('its counts, its room and its choice are those of a look at all, whatever happens to the slots', () => {
  const change = fc.record({
    slot: fc.nat(5),
    act: fc.constantFrom('add', 'delete', 'ready', 'unready', 'more', 'less'),
  });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 60 }), (changes) => {
      const slots = Array.from({ length: 6 }, (_, i) => new FakeSlot(i % 2 ? 't' : ''));
      const set = new SlotSet();
      for (const { slot: index, act } of changes) {
        const slot = slots[index]!;
        if (act === 'add') set.add(asSlot(slot));
        else if (act === 'delete') set.delete(asSlot(slot));
        else if (act === 'ready' || act === 'unready') slot.set({ ready: act === 'ready' });
        else slot.set({ inFlight: Math.max(0, slot.inFlight + (act === 'more' ? 1 : -1)) });
      }
      const mine = slots.filter((slot) => slot.tenant === '' && set.has(asSlot(slot)));
      const ready = mine.filter((slot) => slot.ready);
      expect([...set].length).toBe(set.size);
      expect(set.count('')).toBe(mine.length);
      expect(set.starting('')).toBe(mine.length - ready.length);
      const least = Math.min(...ready.map((slot) => slot.inFlight));
      for (const window of [1, 2, 16]) {
        expect(set.choose(job(), window, never)?.inFlight).toBe(least < window ? least : undefined);
        const room = slots.some((slot) => set.has(asSlot(slot)) && slot.ready && slot.inFlight < window);
        expect(set.hasRoom(window)).toBe(room);
      }
    }),
  );
});

describe('an instance that leaves', () => {
  it('takes no more jobs, and is neither ready nor starting', () => {
    const [stays, leaves] = [new FakeSlot(''), new FakeSlot('')];
    const set = setOf(stays, leaves);
    leaves.set({ inFlight: 1 });
    stays.set({ inFlight: 2 });
    set.leave(asSlot(leaves), 0);
    set.leave(asSlot(leaves), 0);
    expect(set.choose(job(), 4, never)).toBe(stays);
    expect([set.count(''), set.starting(''), set.areStarting, set.allLeave('')]).toEqual([
      2,
      0,
      false,
      false,
    ]);
    expect(set.idle(Number.POSITIVE_INFINITY)).toEqual([]);
    set.delete(asSlot(leaves));
    expect([set.count(''), set.starting(''), set.leaving(0)]).toEqual([1, 0, 0]);
  });

  it('is waited for a while, and not for ever', () => {
    const [one, other] = [new FakeSlot('a'), new FakeSlot('b')];
    const set = setOf(one, other);
    set.leave(asSlot(one), 0);
    expect([set.leaving(50), set.allLeave('a'), set.allLeave('b'), set.allLeave('c')]).toEqual([
      1,
      true,
      false,
      false,
    ]);
    expect(set.leaving(1000)).toBe(0);
  });
});

it('what they have counts where it is told to, with all that changes', () => {
  const totals = new GuestTotals();
  const share = new GuestShare(totals, 7);
  const set = new SlotSet(share);
  const slots = [new FakeSlot('a'), new FakeSlot('b')];
  for (const slot of slots) set.add(asSlot(slot));
  expect([totals.instances, totals.memoryBytes, [...totals.owners]]).toEqual([2, 2, [7]]);
  for (const slot of slots) set.delete(asSlot(slot));
  set.delete(asSlot(slots[0]!));
  expect([totals.instances, totals.memoryBytes, [...totals.owners]]).toEqual([0, 0, []]);
});
