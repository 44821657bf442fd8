const SLOT_MS = 10_000;
const SLOTS = 6;

/** What {@link RecentCalls} has seen; plain, frozen. */
export interface RecentCallsSnapshot {
  /** How far back it looks, at most: 60 000. */
  readonly windowMs: number;
  readonly calls: number;
  /** Calls that failed through a fault of the plugin or the runtime, not of the caller. */
  readonly failures: number;
}

/** Calls and failures of the last minute, in six slots of ten seconds; the oldest slot drops out as a whole. */
export class RecentCalls {
  /** Calls in even places, failures in odd ones; taken with the first call. A typed array of so few takes twice as much. */
  #slots: number[] | undefined;
  #newest = 0;

  /** Counts a call that ended at `at` milliseconds. A clock that was set back counts into the newest slot. */
  record(at: number, failed: boolean): void {
    this.#slots ??= new Array<number>(2 * SLOTS).fill(0);
    this.#turn(at);
    const slot = 2 * (this.#newest % SLOTS);
    this.#slots[slot]!++;
    if (failed) this.#slots[slot + 1]!++;
  }

  snapshot(at: number): RecentCallsSnapshot {
    this.#turn(at);
    let calls = 0;
    let failures = 0;
    for (let i = 0; this.#slots && i < 2 * SLOTS; i += 2) {
      calls += this.#slots[i]!;
      failures += this.#slots[i + 1]!;
    }
    return Object.freeze({ windowMs: SLOT_MS * SLOTS, calls, failures });
  }

  #turn(at: number): void {
    const now = Math.floor(at / SLOT_MS);
    const passed = now - this.#newest;
    if (passed <= 0) return;
    for (let i = 1; this.#slots && i <= Math.min(passed, SLOTS); i++) {
      const slot = 2 * ((this.#newest + i) % SLOTS);
      this.#slots[slot] = 0;
      this.#slots[slot + 1] = 0;
    }
    this.#newest = now;
  }
}
