/** Someone who waits until a call may run. */
export interface CapacityWaiter {
  /** There is room again. */
  onCapacity(): void;
}

/**
 * How many calls may run at a time in a whole host. Who finds no room is asked again in turn, so that a plugin that
 * floods the host delays itself and not the others.
 */
export class Capacity {
  readonly #limit: number;
  readonly #waiting = new Set<CapacityWaiter>();
  #used = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get used(): number {
    return this.#used;
  }

  get limit(): number {
    return this.#limit;
  }

  /** Takes a place; false, and the waiter is told later, where there is none. */
  take(waiter: CapacityWaiter): boolean {
    if (this.#used < this.#limit) {
      this.#used++;
      return true;
    }
    this.#waiting.add(waiter);
    return false;
  }

  /** A call on behalf of a running one takes a place even where there is none: waiting for one could wait for itself. */
  force(): void {
    this.#used++;
  }

  release(): void {
    this.#used--;
    // One that is told may have nothing to run any more: then the place is the next one's. Who finds none waits again.
    for (const next of [...this.#waiting]) {
      if (this.#used >= this.#limit) return;
      if (this.#waiting.delete(next)) next.onCapacity();
    }
  }

  /** Is no longer interested. */
  forget(waiter: CapacityWaiter): void {
    this.#waiting.delete(waiter);
  }
}
