import type { GuestShare } from './guest-totals.js';
import type { InstanceSlot } from './instance-slot.js';

/** One that had short calls, and for so long has ended none, does not get on. */
export const STUCK_MS = 1;

/** Where an instance stands among those of its tenant; `load` is undefined for one that is not ready. */
export interface SlotPlace {
  readonly among: SlotLoads;
  load: number | undefined;
  /** Its place among those with the same load. */
  at: number;
  /** Where its memory counts. */
  readonly share: GuestShare | undefined;
}

/** The instances of one tenant, those that are ready by how many jobs each has: finding one must not cost a look at all of a large pool. */
export class SlotLoads {
  /** Those that start included. */
  size = 0;
  ready = 0;
  /** Those that were ready and take no more jobs. */
  leaving = 0;
  /** The one that was chosen last, as long as it is ready. */
  last: InstanceSlot | undefined;
  readonly #byLoad: InstanceSlot[][] = [];
  /** None has fewer jobs. */
  #least = 0;

  /** More than the jobs of any that is ready. */
  get end(): number {
    return this.#byLoad.length;
  }

  /** The fewest jobs that one has which is ready; `end` where none is. */
  get least(): number {
    while (this.#least < this.#byLoad.length && this.#byLoad[this.#least]!.length === 0) this.#least++;
    return this.#least;
  }

  /** The one that was chosen last, where it gets on with its work, or has none and its thread has none either. */
  keepsUp(now: number): InstanceSlot | undefined {
    const { last } = this;
    if (!last) return undefined;
    const isFree = last.inFlight > 0 ? now - last.lastUsed <= STUCK_MS : last.thread.load === 0;
    return isFree ? last : undefined;
  }

  /** Those with so many jobs, in no order. */
  with(load: number): readonly InstanceSlot[] {
    return this.#byLoad[load] ?? NONE;
  }

  /** One that has its place here has so many jobs from now on; undefined where it is not ready. */
  move(slot: InstanceSlot, to: number | undefined): void {
    const place = slot.place!;
    const from = place.load;
    if (from === to) return;
    if (from === undefined) this.ready++;
    else {
      const slots = this.#byLoad[from]!;
      const last = slots.pop()!;
      if (last !== slot) {
        slots[place.at] = last;
        last.place!.at = place.at;
      }
    }
    place.load = to;
    if (to === undefined) {
      this.ready--;
      if (this.last === slot) this.last = undefined;
      return;
    }
    while (this.#byLoad.length <= to) this.#byLoad.push([]);
    const slots = this.#byLoad[to]!;
    place.at = slots.length;
    slots.push(slot);
    if (to < this.#least) this.#least = to;
  }
}

const NONE: readonly InstanceSlot[] = [];
