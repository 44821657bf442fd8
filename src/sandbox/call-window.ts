/** Work that an instance may have ahead, as far as its last calls tell. */
const AHEAD_MS = 1;
/** How much of the longest call is remembered with each that follows: a few hundred short ones make up for it. */
const MEMORY = 0.99;
/** Calls that take less need one instance at a time: their host needs longer for each (measured: 1.4 to 2 µs). */
const PACKED_MS = 0.0015;
/** Where they do, so many may be ahead: none of the last hundreds was longer than 60 µs. One of 30 µs is one that the system held up. */
const PACKED_SIZE = 16;
/** How far each call moves the middle one of the last hundreds, towards itself. */
const STEP = 1.02;
/** No middle is shorter. */
const SHORTEST_MS = PACKED_MS / 8;

/** Calls at least, and at most where they are short. */
interface Bounds {
  readonly least: number;
  readonly most: number;
}

/** Of the one instance of a stateful plugin. */
export const STATEFUL_WINDOW: Bounds = { least: 16, most: 128 };
/** Of one of several: few, so that a slow call holds up few. */
export const POOL_WINDOW: Bounds = { least: 2, most: 64 };

/**
 * How many calls an instance may have ahead in its thread, so that it never waits for its host. Few where calls are long:
 * what was sent can be overtaken by nobody, and goes to no other instance. More where all of the last hundreds were short,
 * so that host and thread work at the same time and wake each other less.
 */
export class CallWindow {
  readonly #least: number;
  readonly #most: number;
  #longestMs: number;
  /** About half of the last hundreds took less: a few that were held up do not count. */
  #middleMs = AHEAD_MS;
  size: number;

  constructor({ least, most }: Bounds) {
    this.#least = least;
    this.#most = most;
    this.#longestMs = AHEAD_MS / least;
    this.size = least;
  }

  /** Are calls so short that one instance keeps up with the host? */
  get packs(): boolean {
    return this.#middleMs < PACKED_MS && this.size >= PACKED_SIZE;
  }

  /** A call took so long in its thread, its waits included. */
  took(durationMs: number): void {
    this.#longestMs = Math.max(durationMs, this.#longestMs * MEMORY);
    if (durationMs > this.#middleMs) this.#middleMs *= STEP;
    else if (this.#middleMs > SHORTEST_MS) this.#middleMs /= STEP;
    this.size = Math.max(this.#least, Math.min(this.#most, Math.floor(AHEAD_MS / this.#longestMs)));
  }
}
