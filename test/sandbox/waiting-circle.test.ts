import { describe, expect, it } from 'vitest';
import type { InstanceSlot } from '../../src/sandbox/instance-slot.js';
import { OpenAsks } from '../../src/sandbox/open-asks.js';
import type { SandboxThread } from '../../src/sandbox/sandbox-thread.js';
import {
  type PlacedCall,
  type QueuedCall,
  type WaitedFor,
  waitsInCircle,
  waysOut,
} from '../../src/sandbox/waiting-circle.js';

/** A thread as its host sees it: works that were sent, and what their guests wait for. */
class FakeThread {
  readonly asks = new OpenAsks();
  readonly #waits = new Map<number, WaitedFor>();
  readonly #begun = new Set<number>();
  readonly #suspended = new Set<number>();
  #ask = 0;

  /** The guest of `seq` waits for `call`; undefined for something that ends by itself. */
  ask(seq: number, call: WaitedFor | undefined, blocks = true): void {
    this.#begun.add(seq);
    if (!blocks) this.#suspended.add(seq);
    this.asks.open(++this.#ask, seq, blocks);
    if (call) this.#waits.set(seq, call);
  }

  answered(seq: number): void {
    this.asks.forget(seq);
    this.#waits.delete(seq);
  }

  get blocked(): boolean {
    return this.innermostBlocking !== undefined;
  }
  get innermostBlocking(): number | undefined {
    return this.asks.innermostBlocking;
  }
  isAsking(seq: number): boolean {
    return this.asks.isAsking(seq);
  }
  isInMidst(seq: number): boolean {
    return this.#begun.has(seq);
  }
  hasBegun(seq: number): boolean {
    return this.#begun.has(seq);
  }
  holding(seq: number): readonly number[] {
    const so = { hasAsked: this.#begun.has(seq), wasSuspended: this.#suspended.has(seq), within: undefined };
    return this.asks.holding(seq, so);
  }
  waitOf(seq: number): WaitedFor | undefined {
    return this.#waits.get(seq);
  }
}

class FakeSlot {
  readonly thread: FakeThread;
  readonly seqs: number[];

  constructor(thread: FakeThread, ...seqs: number[]) {
    this.thread = thread;
    this.seqs = seqs;
  }

  get asking(): number | undefined {
    return this.seqs.find((seq) => this.thread.isAsking(seq));
  }
  calls(): PlacedCall[] {
    return this.seqs.map((seq) => placed(this.thread, seq, this));
  }
}

const placed = (thread: FakeThread, seq: number, slot?: FakeSlot): PlacedCall => ({
  thread: thread as unknown as SandboxThread,
  seq,
  slot: slot as unknown as InstanceSlot | undefined,
});
const queued = (seq: number, ...holders: FakeSlot[]): QueuedCall => ({
  seq,
  holders: () => (holders.length > 0 ? (holders as unknown as InstanceSlot[]) : undefined),
});
const seqs = (calls: readonly PlacedCall[] | undefined) => calls?.map(({ seq }) => seq);

describe('a call that a guest waits for', () => {
  it('can be over where nobody is in its way', () => {
    const [a, b] = [new FakeThread(), new FakeThread()];
    const call = placed(b, 2, new FakeSlot(b, 2));
    a.ask(1, call);
    expect(waysOut(call, 1)).toEqual([]);
    expect(waitsInCircle(call, 1)).toBe(false);
  });

  it('runs inside of the one that waits for it and blocks its thread', () => {
    const thread = new FakeThread();
    const call = placed(thread, 2, new FakeSlot(thread, 2));
    thread.ask(1, call);
    expect(seqs(waysOut(call, 1))).toEqual([2]);
  });

  it('does so also where others are between them', () => {
    const [a, b] = [new FakeThread(), new FakeThread()];
    const back = placed(a, 3, new FakeSlot(a, 3));
    a.ask(1, placed(b, 2, new FakeSlot(b, 2)));
    b.ask(2, back);
    expect(seqs(waysOut(back, 2))).toEqual([3]);
  });

  it('waits for a thread that somebody blocks who can go on', () => {
    const [a, b] = [new FakeThread(), new FakeThread()];
    const call = placed(b, 3, new FakeSlot(b, 3));
    b.ask(2, undefined);
    a.ask(1, call);
    expect(waysOut(call, 1)).toEqual([]);
  });

  it('has another one begin inside, where that is what keeps its instance busy', () => {
    // 1 blocks thread a and waits for 4, whose instance is in the midst of 2; that waits for 3, which is to begin in thread a.
    const [a, b] = [new FakeThread(), new FakeThread()];
    const slot = new FakeSlot(b, 2, 4);
    const third = placed(a, 3, new FakeSlot(a, 3));
    b.ask(2, third, false);
    const call = placed(b, 4, slot);
    a.ask(1, call);
    expect(seqs(waysOut(call, 1))).toEqual([3]);
  });

  it('is never over where its own instance is on the way back', () => {
    const [a, b] = [new FakeThread(), new FakeThread()];
    const [slotA, slotB] = [new FakeSlot(a, 1, 4), new FakeSlot(b, 2, 3)];
    b.ask(2, placed(a, 4, slotA), false);
    const call = placed(b, 3, slotB);
    a.ask(1, call, false);
    expect(waysOut(call, 1)).toBeUndefined();
    expect(waitsInCircle(call, 1)).toBe(true);
  });

  it('needs all who block its thread, and not the innermost alone', () => {
    // 2 waits for something that ends; below it 1 waits, over 3, for 4, which is to begin in their thread.
    const [a, b] = [new FakeThread(), new FakeThread()];
    a.ask(1, placed(b, 3, new FakeSlot(b, 3)));
    a.ask(2, undefined);
    const call = placed(a, 4, new FakeSlot(a, 4));
    b.ask(3, call);
    expect(seqs(waysOut(call, 3))).toEqual([4]);
  });

  it('knows that one which was answered goes on when those on top of it are over', () => {
    // 1 was answered, but 2 waits on top of it for 3, whose instance 1 keeps busy.
    const [a, b] = [new FakeThread(), new FakeThread()];
    const slot = new FakeSlot(a, 1, 3);
    a.ask(1, undefined);
    a.ask(2, placed(b, 9));
    a.answered(1);
    expect(a.innermostBlocking).toBe(2);
    const call = placed(a, 3, slot);
    b.ask(9, call);
    expect(waysOut(call, 9)).toBeUndefined();
  });

  it('waits for any of the instances that there may be', () => {
    const [a, b] = [new FakeThread(), new FakeThread()];
    const busy = new FakeSlot(b, 5);
    const stuck = new FakeSlot(a, 1);
    const call = queued(3, stuck, busy);
    a.ask(1, call, false);
    expect(waysOut(call, 1)).toEqual([]);
    const both = queued(4, stuck, new FakeSlot(a, 1));
    expect(waysOut(both, 1)).toBeUndefined();
    expect(waysOut(queued(5), 1)).toEqual([]);
  });

  it('has one begin inside that keeps the last of the instances', () => {
    // 3 waits for an instance of which the only one was sent 2, in the thread that 1 blocks, which waits for 3.
    const a = new FakeThread();
    const call = queued(3, new FakeSlot(a, 2));
    a.ask(1, call);
    expect(seqs(waysOut(call, 1))).toEqual([2]);
  });

  it('sees the circle of two that wait for an instance which the other one has', () => {
    const [a, b] = [new FakeThread(), new FakeThread()];
    const [slotA, slotB] = [new FakeSlot(a, 1), new FakeSlot(b, 2)];
    const first = queued(3, slotB);
    const second = queued(4, slotA);
    a.ask(1, first, false);
    expect(waysOut(first, 1)).toEqual([]);
    b.ask(2, second, false);
    expect(waysOut(second, 2)).toBeUndefined();
  });

  it('needs its thread for a guest that was suspended, and answered meanwhile', () => {
    // 1 was suspended and may go on, but 2 blocks their thread, and waits for 3, which is to run in the instance of 1.
    const a = new FakeThread();
    const slot = new FakeSlot(a, 1, 3);
    a.ask(1, undefined, false);
    const call = placed(a, 3, slot);
    a.ask(2, call);
    a.answered(1);
    expect(waysOut(call, 2)).toBeUndefined();
  });
});
