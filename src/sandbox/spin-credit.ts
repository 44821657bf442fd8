/** Who comes again within so long is in a hurry. */
const OFTEN_MS = 0.5;
/** What each who does brings in: about what putting a thread to sleep and waking it costs. */
const EARNED_MS = 0.05;
const MOST_MS = 20;
/** As much as is spent at once. */
const STRETCH_MS = 3;

/**
 * For how long a thread may go on spinning where it would else sleep.
 *
 * The system wakes a thread on the processor of who wakes it. One that spins briefly and sleeps again stays there, beside its own
 * host, for hundreds of milliseconds (measured: 65 to 200 µs a call instead of 4), though another processor is free; one that goes on
 * spinning while its host wants to run is moved there within a few. That is worth some time where calls come one upon the other, and
 * no time at all where they do not, so they earn it.
 */
export class SpinCredit {
  #leftMs = 0;
  #cameAt = Number.NEGATIVE_INFINITY;

  /** There is nothing to do, and it was not so just before. */
  waits(now: number): void {
    if (now - this.#cameAt < OFTEN_MS) this.#leftMs = Math.min(this.#leftMs + EARNED_MS, MOST_MS);
    this.#cameAt = now;
  }

  /** So long it may spin now. */
  get ms(): number {
    return Math.min(this.#leftMs, STRETCH_MS);
  }

  spend(ms: number): void {
    this.#leftMs = Math.max(0, this.#leftMs - ms);
  }
}
