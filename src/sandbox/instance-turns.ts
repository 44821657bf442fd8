import type { InstanceSlot } from './instance-slot.js';
import type { JobQueue } from './job-queue.js';
import type { SlotSet } from './slot-set.js';

/** Where more want instances than there may be, each has its own for so long at least, */
export const LEAST_TURN_MS = 20;
/** and for so many times what starting it took: a fifth of the time goes into starts at most. */
const STARTS = 4;
/** One that has ended a call within so many milliseconds is not in the midst of one that takes long. */
const GETS_ON_MS = 20;

/** What others see of the turns of a plugin's instances. */
export interface PluginTurns {
  /** Instances that are expected to go soon, because they have had their turn. */
  readonly leaving: number;
  /** When the next has had its turn, by `performance.now()`; `Infinity` where there is none. */
  readonly turnEndsAt: number;
  /** The next takes no more jobs, and is gone when those are over that it is in the midst of. */
  endTurn(): void;
}

/** Which instance of a plugin has had its turn, and makes room for somebody who has none. */
export class InstanceTurns {
  readonly #slots: SlotSet;
  readonly #queue: JobQueue;
  readonly #heldMs: () => number;

  /** @param heldMs for how long calls of the plugin were held back so far, for a share of the processor */
  constructor(slots: SlotSet, queue: JobQueue, heldMs: () => number) {
    this.#slots = slots;
    this.#queue = queue;
    this.#heldMs = heldMs;
  }

  /** It is ready. */
  began(slot: InstanceSlot): void {
    slot.heldBefore = this.#heldMs();
  }

  /** When it has had its turn, by `performance.now()`. While calls are held back nobody has. */
  endOf({ readySince, startMs, heldBefore }: InstanceSlot): number {
    return readySince + this.#heldMs() - heldBefore + Math.max(LEAST_TURN_MS, STARTS * startMs);
  }

  /**
   * When an idle one is free for somebody else: when it has been idle for as long as its start took, or has had its turn. Whoever calls again before that is
   * spared a start, and who waits for it waits for twice as long at most as without.
   */
  freeAt(slot: InstanceSlot): number {
    return Math.min(slot.lastUsed + slot.startMs, this.endOf(slot));
  }

  /**
   * The one that goes next: of those that have had their turn the first, and one that gets on with its calls before one that does not; otherwise the one whose turn
   * ends first. One that was started for calls and has served none yet is left alone.
   */
  next(now: number, mayGo: (slot: InstanceSlot) => boolean = () => true): InstanceSlot | undefined {
    let next: InstanceSlot | undefined;
    let best = Number.POSITIVE_INFINITY;
    for (const slot of this.#slots) {
      if (!slot.ready || slot.isLeaving || !mayGo(slot)) continue;
      if (slot.served === 0 && this.#queue.waiting(slot.tenant) > 0) continue;
      const end = this.endOf(slot);
      const getsOn = slot.inFlight === 0 || now - slot.lastUsed < GETS_ON_MS;
      // All that are over and get on come before all that are over.
      const rank = end <= now && getsOn ? end - now - LONG_MS : end;
      if (rank >= best) continue;
      best = rank;
      next = slot;
    }
    return next;
  }
}

/** Longer than any turn. */
const LONG_MS = 2 ** 40;
