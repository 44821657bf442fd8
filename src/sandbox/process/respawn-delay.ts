const FIRST_MS = 100;
const MOST_MS = 30_000;
/** A child that lived for so long is not the beginning of a series. */
const STEADY_MS = 30_000;

/**
 * How long to wait before a child is started again: not at all after a first death, then twice as long each time up to half
 * a minute, spread by a half each way so that many do not come back at once. A child that has lived for half a minute ends
 * the series.
 */
export class RespawnDelay {
  readonly #random: () => number;
  #deaths = 0;

  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  /** A child died by itself, or had to be killed. */
  died(livedMs: number): void {
    this.#deaths = livedMs >= STEADY_MS ? 1 : this.#deaths + 1;
  }

  /** For the next start. */
  get ms(): number {
    if (this.#deaths < 2) return 0;
    const delay = Math.min(MOST_MS, FIRST_MS * 2 ** (this.#deaths - 2));
    return delay * (0.5 + this.#random());
  }
}
