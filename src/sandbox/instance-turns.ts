import type { InstanceSlot } from './instance-slot.js';

/** Where more want instances than there may be, each has its own for so long at least, */
const LEAST_TURN_MS = 20;
/** and for so many times what starting it took: a fifth of the time goes into starts at most. */
const STARTS = 4;

/** When an instance has had its turn, by `performance.now()`: it may have to make room for somebody who has none. */
export function turnEndsAt({ readySince, startMs }: InstanceSlot): number {
  return readySince + Math.max(LEAST_TURN_MS, STARTS * startMs);
}

/** Of instances that are ready the one whose turn ends, or has ended, first; undefined where there is none. */
export function firstTurn(slots: Iterable<InstanceSlot>): InstanceSlot | undefined {
  let first: InstanceSlot | undefined;
  for (const slot of slots) {
    if (slot.isLeaving || !slot.ready) continue;
    if (!first || turnEndsAt(slot) < turnEndsAt(first)) first = slot;
  }
  return first;
}
