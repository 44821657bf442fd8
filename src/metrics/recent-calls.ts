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
  readonly #calls = new Float64Array(SLOTS);
  readonly #failures = new Float64Array(SLOTS);
  #newest = 0;

  /** Counts a call that ended at `at` milliseconds. A clock that was set back counts into the newest slot. */
  record(at: number, failed: boolean): void {
    this.#turn(at);
    const slot = this.#newest % SLOTS;
    this.#calls[slot]!++;
    if (failed) this.#failures[slot]!++;
  }

  snapshot(at: number): RecentCallsSnapshot {
    this.#turn(at);
    let calls = 0;
    let failures = 0;
    for (let i = 0; i < SLOTS; i++) {
      calls += this.#calls[i]!;
      failures += this.#failures[i]!;
    }
    return Object.freeze({ windowMs: SLOT_MS * SLOTS, calls, failures });
  }

  #turn(at: number): void {
    const now = Math.floor(at / SLOT_MS);
    const passed = now - this.#newest;
    if (passed <= 0) return;
    for (let i = 1; i <= Math.min(passed, SLOTS); i++) {
      this.#calls[(this.#newest + i) % SLOTS] = 0;
      this.#failures[(this.#newest + i) % SLOTS] = 0;
    }
    this.#newest = now;
  }
}
