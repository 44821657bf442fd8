/** Round trips that are longer are no reason to stay awake: what waking costs is small beside them. */
const WORTH_MS = 0.3;
/** What a longer round trip counts as: one that was held up must not decide for the next hundred. */
const MOST_MS = 0.5;
/** How much of an average each new round trip is, once there were as many. */
const SHARE = 1 / 8;
/** Round trips between two looks at how the other way would do; doubled while it does no better. */
const FIRST_LOOK = 64;
const LAST_LOOK = 4096;
/** Round trips for one look: the first is still shaped by the way before. More would be what a caller sees as its p99. */
const LOOK = 8;
/** Staying awake uses processor time that somebody may need: it has to be clearly better than sleeping. */
const CLEARLY = 0.7;

/**
 * Shall host and thread stay awake for each other between short calls, or sleep and be woken? Where processors are free,
 * waking costs more than the call; where they are not, staying awake takes the time from the one who is waited for.
 * Nobody can tell beforehand, so both ways are measured, the better one is taken, and the other is tried again now and
 * then.
 */
export class Eagerness {
  readonly #averageMs = { eager: 0, calm: Number.NaN };
  #way: 'eager' | 'calm' = 'eager';
  #looking = 0;
  #untilLook = FIRST_LOOK;
  #pause = FIRST_LOOK;
  #since = Number.NaN;
  /** Round trips in the average of the way at present. */
  #counted = 0;

  /** The way at present. */
  get isEager(): boolean {
    return this.#way === 'eager';
  }

  /** Something is sent, and nothing else is under way. */
  begins(now: number): void {
    this.#since = now;
    if (this.#looking > 0) {
      if (--this.#looking === 0) this.#decide();
    } else if (--this.#untilLook <= 0) {
      this.#way = other(this.#way);
      this.#looking = LOOK;
      this.#averageMs[this.#way] = Number.NaN;
      this.#counted = 0;
    }
  }

  /** The first answer came. */
  answered(now: number): void {
    const ms = Math.min(now - this.#since, MOST_MS);
    if (Number.isNaN(ms)) return;
    this.#since = Number.NaN;
    if (this.#looking === LOOK) return;
    const average = this.#averageMs[this.#way];
    const share = Math.max(SHARE, 1 / ++this.#counted);
    this.#averageMs[this.#way] = Number.isNaN(average) ? ms : average + (ms - average) * share;
  }

  #decide(): void {
    const looked = this.#way;
    const { eager, calm } = this.#averageMs;
    this.#way = eager < calm * CLEARLY && eager < WORTH_MS ? 'eager' : 'calm';
    // Whichever way it goes on, its average goes on as well.
    this.#counted = LOOK;
    this.#pause = this.#way === looked ? FIRST_LOOK : Math.min(this.#pause * 2, LAST_LOOK);
    this.#untilLook = this.#pause;
  }
}

function other(way: 'eager' | 'calm'): 'eager' | 'calm' {
  return way === 'eager' ? 'calm' : 'eager';
}
