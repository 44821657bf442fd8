import type { InstanceSlot } from './instance-slot.js';
import type { SandboxThread } from './sandbox-thread.js';

/** Where a call runs that a guest waits for. */
export interface WaitedFor {
  readonly thread: SandboxThread;
  /** The call; not looked at where there is a slot. */
  readonly seq: number;
  /** Absent for one in an instance of its own. */
  readonly slot?: InstanceSlot;
}

/** A call in a thread. */
interface Caller {
  readonly thread: SandboxThread;
  readonly seq: number;
}

/**
 * Would this call never be over, because what it needs waits, over others maybe, for `waiting` to end? A call needs its
 * instance, which another may be in the midst of, and its thread, which a guest that waits may block.
 */
export function waitsInCircle(call: WaitedFor, waiting: number): boolean {
  const seen = new Set<number>();
  const open = neededBy(call);
  for (let next = open.pop(); next; next = open.pop()) {
    if (next.seq === waiting) return true;
    if (seen.has(next.seq)) continue;
    seen.add(next.seq);
    const waited = next.thread.waitOf(next.seq);
    if (waited) open.push(...neededBy(waited));
  }
  return false;
}

/** The calls that wait themselves and have to end, or to go on, before this one can. */
function neededBy({ thread, seq, slot }: WaitedFor): Caller[] {
  const needed: Caller[] = [];
  const asking = slot ? slot.asking : thread.isAsking(seq) ? seq : undefined;
  if (asking !== undefined) needed.push({ thread, seq: asking });
  const blocking = thread.innermostBlocking;
  if (blocking !== undefined && blocking !== asking) needed.push({ thread, seq: blocking });
  return needed;
}
