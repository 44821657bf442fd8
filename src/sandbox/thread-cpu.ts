import { openSync, readSync } from 'node:fs';

/** Runs shorter than this pay for no reading of the clock: their time without waiting is near enough. */
const SHORT_MS = 2;

/** Milliseconds of processor time that this thread has used since it began. */
export type ThreadCpuClock = () => number;

/**
 * The processor time of the thread that asks, where the platform tells it: `process.threadCpuUsage()` (Node 22.15, 23.9
 * and later; 0.3 µs a reading), or the scheduler's own account on Linux (0.8 µs, exact to a tick of 1 to 4 ms).
 */
export function threadCpuClock(): ThreadCpuClock | undefined {
  const { threadCpuUsage } = process as { threadCpuUsage?: () => { user: number; system: number } };
  if (typeof threadCpuUsage === 'function') {
    return () => {
      const { user, system } = threadCpuUsage.call(process);
      return (user + system) / 1000;
    };
  }
  return process.platform === 'linux' ? schedstatClock() : undefined;
}

function schedstatClock(): ThreadCpuClock | undefined {
  try {
    // The link is followed now, for the thread that opens it; the file ends with the thread.
    const file = openSync('/proc/thread-self/schedstat', 'r');
    const text = new Uint8Array(64);
    const read = (): number => {
      const length = readSync(file, text, 0, text.length, 0);
      let nanoseconds = 0;
      for (let i = 0; i < length && text[i] !== SPACE; i++) nanoseconds = nanoseconds * 10 + text[i]! - ZERO;
      return nanoseconds / 1e6;
    };
    // Some containers have the file and keep no account in it.
    return read() > 0 ? read : undefined;
  } catch {
    return undefined;
  }
}

const SPACE = 32;
const ZERO = 48;

/**
 * Says what processor time runs of guests took, one inside of another too, without asking the clock for each: it is read
 * before a run where the last reading is older than 2 ms, and after one that took longer than that. What a run is charged
 * is at most its time without waiting, and at most 2 ms too much.
 */
export class ThreadCpu {
  readonly #clock: ThreadCpuClock | undefined;
  #readAt = Number.NEGATIVE_INFINITY;
  #reading = 0;
  /** What was charged to all runs so far: for a run that waits while others run inside of it. */
  #charged = 0;

  constructor(clock: ThreadCpuClock | undefined) {
    this.#clock = clock;
  }

  /** A run begins at `now`, by `performance.now()`. */
  begin(now: number): CpuMark {
    if (this.#clock && now - this.#readAt >= SHORT_MS) this.#read(now, this.#clock);
    return { reading: this.#reading, charged: this.#charged };
  }

  /** Milliseconds that the run has used by now, of which `busyMs` have passed without waiting. */
  used(mark: CpuMark, busyMs: number, now: number): number {
    if (!this.#clock || busyMs < SHORT_MS) return Math.max(0, busyMs);
    const inside = this.#charged - mark.charged;
    return Math.max(0, Math.min(busyMs, this.#read(now, this.#clock) - mark.reading - inside));
  }

  /** The same where the run is over: it is charged. */
  end(mark: CpuMark, busyMs: number, now: number): number {
    const used = this.used(mark, busyMs, now);
    this.#charged += used;
    return used;
  }

  #read(now: number, clock: ThreadCpuClock): number {
    this.#readAt = now;
    this.#reading = clock();
    return this.#reading;
  }
}

/** Where a run began. */
export interface CpuMark {
  readonly reading: number;
  readonly charged: number;
}
