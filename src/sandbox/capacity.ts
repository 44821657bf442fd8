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

  /** Is there a place? The waiter is told later where there is none. */
  hasRoom(waiter: CapacityWaiter): boolean {
    if (this.#used < this.#limit) return true;
    this.#waiting.add(waiter);
    return false;
  }

  /** Takes a place, also where there is none: a call on behalf of a running one must not wait for it. */
  take(): void {
    this.#used++;
  }

  release(): void {
    this.#used--;
    // A waiter may have nothing left to run; then it is the next one's turn.
    for (const next of [...this.#waiting]) {
      if (this.#used >= this.#limit) return;
      this.#waiting.delete(next);
      next.onCapacity();
    }
  }

  /** Is no longer interested. */
  forget(waiter: CapacityWaiter): void {
    this.#waiting.delete(waiter);
  }
}
