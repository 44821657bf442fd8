import type { InstanceSlot } from './instance-slot.js';
import type { SandboxThread } from './sandbox-thread.js';

/** A call in a thread. */
export interface PlacedCall {
  readonly thread: SandboxThread;
  readonly seq: number;
  /** Absent for one in an instance of its own, and where nobody asks which. */
  readonly slot?: InstanceSlot | undefined;
}

/** A call that waits for an instance. */
export interface QueuedCall {
  readonly seq: number;
  /** The instances of which one has to be free before; undefined where there will be one in any case. */
  holders(): Iterable<InstanceSlot> | undefined;
}

/** A call that a guest waits for. */
export type WaitedFor = PlacedCall | QueuedCall;

/**
 * A guest waits for `call`, within its own call `waiting`. If what `call` needs waits, over others maybe, for `waiting` to end, it would never
 * be over. Calls that are not begun in threads that guests block can run inside of these: which of them have to, so that
 * `call` can be over; undefined where nothing helps.
 */
export function waysOut(call: WaitedFor, waiting: number): readonly PlacedCall[] | undefined {
  // Nearly always.
  if ('thread' in call ? isOpen(call.thread, call.slot) : oneIsOpen(call.holders())) return NONE;
  const needs = needsOf(call, waiting);
  const inside: PlacedCall[] = [];
  for (;;) {
    const ended = thatCanEnd(needs);
    if (ended.has(call.seq)) return inside;
    const next = [...needs.values()].find((one) => !ended.has(one.call.seq) && mayRunInside(one, ended));
    if (!next) return undefined;
    next.alternatives = [next.inside!];
    inside.push(next.call as PlacedCall);
  }
}

/** Would it never be over, as things are? */
export function waitsInCircle(call: WaitedFor, waiting: number): boolean {
  return !thatCanEnd(needsOf(call, waiting)).has(call.seq);
}

const NONE: readonly PlacedCall[] = [];

/** Does nobody wait there? Then all that was sent there is over some time. */
function isOpen(thread: SandboxThread, slot: InstanceSlot | undefined): boolean {
  return !thread.blocked && slot?.asking === undefined;
}

function oneIsOpen(holders: Iterable<InstanceSlot> | undefined): boolean {
  if (!holders) return true;
  for (const slot of holders) if (isOpen(slot.thread, slot)) return true;
  return false;
}

interface Needs {
  readonly call: WaitedFor;
  /** It can be over when all calls of one of these can. */
  alternatives: readonly (readonly number[])[];
  /** The same where it runs inside of the one that blocks its thread; undefined where it cannot. */
  readonly inside: readonly number[] | undefined;
}

/** What the call needs, what that needs, and so on, by the numbers of the calls. */
function needsOf(first: WaitedFor, waiting: number): Map<number, Needs> {
  const needs = new Map<number, Needs>();
  const open: WaitedFor[] = [first];
  for (let call = open.pop(); call; call = open.pop()) {
    if (needs.has(call.seq)) continue;
    const alternatives = call.seq === waiting ? [] : alternativesOf(call);
    needs.set(call.seq, {
      call,
      alternatives: alternatives.map(numbers),
      inside: insideOf(call),
    });
    for (const all of alternatives) open.push(...all);
  }
  return needs;
}

function alternativesOf(call: WaitedFor): (readonly WaitedFor[])[] {
  if (!('thread' in call)) {
    const holders = call.holders();
    return holders ? Array.from(holders, (slot) => slot.calls()) : [[]];
  }
  const { thread, seq } = call;
  const waited = thread.isAsking(seq) ? thread.waitOf(seq) : undefined;
  return [[...inThread(call), ...inInstance(call), ...(waited ? [waited] : [])]];
}

/** Guests that wait block its thread. */
function inThread({ thread, seq }: PlacedCall): WaitedFor[] {
  return thread.holding(seq).map((other) => ({ thread, seq: other }));
}

/** Its instance is in the midst of other calls. */
function inInstance({ seq, slot }: PlacedCall): WaitedFor[] {
  return slot ? slot.calls().filter((other) => other.seq !== seq && other.thread.isInMidst(other.seq)) : [];
}

/** What it needs beside its thread; undefined where it is not kept from beginning by those who block that. */
function insideOf(call: WaitedFor): number[] | undefined {
  if (!('thread' in call) || !call.slot || call.thread.hasBegun(call.seq)) return undefined;
  return call.thread.holding(call.seq).length > 0 ? numbers(inInstance(call)) : undefined;
}

function mayRunInside({ inside }: Needs, ended: ReadonlySet<number>): boolean {
  return inside?.every((other) => ended.has(other)) === true;
}

/** The calls that can be over. */
function thatCanEnd(needs: ReadonlyMap<number, Needs>): Set<number> {
  const ended = new Set<number>();
  for (let before = -1; before < ended.size; ) {
    before = ended.size;
    for (const [one, { alternatives }] of needs)
      if (!ended.has(one) && alternatives.some((all) => all.every((other) => ended.has(other))))
        ended.add(one);
  }
  return ended;
}

function numbers(calls: readonly WaitedFor[]): number[] {
  return calls.map(({ seq }) => seq);
}
