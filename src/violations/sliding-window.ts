/** Slices of a window; the error in time is at most one of them. */
const SLICES = 128;

/**
 * Counts what happened within the last `windowMs`, in memory that does not grow with how much happened: what falls into one
 * 128th of the window is kept as one entry, which expires with its newest. So nothing expires too early, and under a flood
 * some of it up to 0.8 % of the window too late. What is exactly `windowMs` old still counts.
 */
export class SlidingWindow {
  readonly #windowMs: number;
  readonly #entries: { first: number; last: number; count: number }[] = [];
  #total = 0;

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  /** Counts one at `at` and returns how many there are now. A time before the latest one counts as the latest. */
  add(at: number): number {
    const newest = this.#entries.at(-1);
    const time = newest ? Math.max(at, newest.last) : at;
    if (newest && time - newest.first <= this.#windowMs / SLICES) {
      newest.last = time;
      newest.count++;
    } else {
      this.#entries.push({ first: time, last: time, count: 1 });
    }
    this.#total++;
    return this.count(time);
  }

  /** How many there are at the time `at`. */
  count(at: number): number {
    for (;;) {
      const oldest = this.#entries[0];
      if (!oldest || !(at - oldest.last > this.#windowMs)) return this.#total;
      this.#total -= oldest.count;
      this.#entries.shift();
    }
  }

  /** Entries held at present, at most 130; for tests. */
  get size(): number {
    return this.#entries.length;
  }
}
