/** Results that take longer are no reason to stay awake: what waking costs is small beside them. */
const WORTH_MS = 0.3;
/** What a longer one counts as, and one of many times the average: one that was held up must not decide for the next hundred. */
const MOST_MS = 0.5;
const MOST_TIMES = 2;
/** As one measurement counts what comes within one stretch of work, or so many results of it: single batches differ by how they were cut. */
const RESULTS = 1024;
/** How much of an average each new measurement is, once there were as many. */
const SHARE = 1 / 8;
/** Measurements between two looks at how the other way would do; doubled while it does no better. */
const FIRST_LOOK = 64;
const LAST_LOOK = 16_384;
/** The last measurements of a look are what counts; the first is still shaped by the way before. */
const LOOK = 7;
/**
 * A look at staying awake takes so long where it does not do well at once. The system wakes a thread on the processor of who wakes it:
 * where host and thread have slept in turns, they stay on the same one, and staying awake they are in each other's way until
 * one of them is moved (measured: 110 to 260 µs a call for some milliseconds, and then 50, where sleeping takes 75).
 */
const SETTLE_MS = 8;
/** Staying awake uses processor time that somebody may need: it has to be clearly better than sleeping. */
const CLEARLY = 0.8;

/**
 * Shall host and thread stay awake for each other between short calls, or sleep and be woken? Where processors are free,
 * waking costs more than the call; where they are not, staying awake takes the time from the one who is waited for.
 * Nobody can tell beforehand, so both ways are measured by how long a result takes, the better one is taken, and the other
 * is tried again now and then. For one caller that is a round trip; where many calls are under way, results come together.
 */
export class Eagerness {
  readonly #averageMs = { eager: 0, calm: 0 };
  #way: 'eager' | 'calm' = 'eager';
  #isLooking = false;
  #untilLook = FIRST_LOOK;
  #pause = FIRST_LOOK;
  #since = Number.NaN;
  /** Measurements in the average of the way at present. */
  #counted = 0;
  /** The last ones of the look that is under way, in a ring; how many it has had, and how long they took. */
  readonly #looked: number[] = [];
  #looks = 0;
  #lookedMs = 0;
  /** What came since the measurement began, and when the last of it did. */
  #results = 0;
  #last = Number.NaN;

  /** The way at present. */
  get isEager(): boolean {
    return this.#way === 'eager';
  }

  /** Something is sent, and nothing else is under way. */
  begins(now: number): void {
    this.#measured();
    this.#since = now;
  }

  /** So many results came together. */
  answered(now: number, results = 1): void {
    this.#results += results;
    this.#last = now;
    if (this.#results < RESULTS) return;
    this.#measured();
    this.#since = now;
  }

  #measured(): void {
    if (this.#results === 0) return;
    const tookMs = this.#last - this.#since;
    const ms = Math.min(tookMs / this.#results, MOST_MS);
    this.#results = 0;
    if (Number.isNaN(ms)) return;
    if (this.#isLooking) {
      this.#look(ms, tookMs);
      return;
    }
    this.#learn(ms);
    if (--this.#untilLook > 0) return;
    this.#way = other(this.#way);
    this.#isLooking = true;
    this.#looks = this.#lookedMs = 0;
  }

  #look(ms: number, tookMs: number): void {
    this.#looked[this.#looks++ % LOOK] = ms;
    this.#lookedMs += tookMs;
    if (this.#looks <= LOOK) return;
    const looked = median(this.#looked);
    const { calm } = this.#averageMs;
    if (this.#way === 'eager' && !isWorth(looked, calm) && this.#lookedMs < SETTLE_MS) return;
    this.#averageMs[this.#way] = looked;
    this.#decide(this.#way);
  }

  #learn(ms: number): void {
    const average = this.#averageMs[this.#way];
    const known = this.#counted === 0 ? ms : Math.min(ms, average * MOST_TIMES);
    const share = Math.max(SHARE, 1 / ++this.#counted);
    this.#averageMs[this.#way] = average + (known - average) * share;
  }

  #decide(looked: 'eager' | 'calm'): void {
    const { eager, calm } = this.#averageMs;
    this.#way = isWorth(eager, calm) ? 'eager' : 'calm';
    this.#isLooking = false;
    // Whichever way it goes on, its average goes on as well.
    this.#counted = LOOK;
    this.#pause = this.#way === looked ? FIRST_LOOK : Math.min(this.#pause * 2, LAST_LOOK);
    this.#untilLook = this.#pause;
  }
}

/** Is it worth staying awake, where results take so long by either way? */
function isWorth(eagerMs: number, calmMs: number): boolean {
  return eagerMs < calmMs * CLEARLY && eagerMs < WORTH_MS;
}

function other(way: 'eager' | 'calm'): 'eager' | 'calm' {
  return way === 'eager' ? 'calm' : 'eager';
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}
