/**
 * Is it worth staying awake for what comes next? Learns from how it went: one wait in vain may be chance, after two in a row the
 * next is not tried, then the next three, then seven, up to {@link MOST_SKIPPED}; one success forgets all of it.
 */
export class Patience {
  #skip = 0;
  #skipped = 0;
  #skipNext = 0;

  /** Shall one stay awake this time? Each is followed by `paidOff` or `inVain`. */
  get left(): boolean {
    if (this.#skipped >= this.#skip) return true;
    this.#skipped++;
    return false;
  }

  /** What one waited for came soon, whether one stayed awake for it or not. */
  paidOff(): void {
    this.#skip = this.#skipNext = 0;
    this.#skipped = 0;
  }

  inVain(): void {
    this.#skip = this.#skipNext;
    this.#skipNext = Math.min(this.#skip * 2 + 1, MOST_SKIPPED);
    this.#skipped = 0;
  }
}

const MOST_SKIPPED = 255;
