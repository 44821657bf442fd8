import { BegunWorks } from './begun-works.js';

/**
 * The few words of memory that a host and one of its threads share: the host sees what runs and since when without
 * asking, and wakes a thread that sleeps.
 */
export class ControlBlock {
  readonly buffer: SharedArrayBuffer;
  readonly #words: Int32Array;
  readonly #times: Float64Array;
  readonly begun: BegunWorks;

  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(BEGUN_AT + BegunWorks.BYTES)) {
    this.buffer = buffer;
    this.#words = new Int32Array(buffer, 0, 2);
    this.#times = new Float64Array(buffer, 16, 1);
    this.begun = new BegunWorks(buffer, BEGUN_AT);
  }

  /** Counts the messages sent to the thread. */
  get mail(): number {
    return Atomics.load(this.#words, MAIL);
  }

  /** Host: a message was sent. */
  ring(): void {
    Atomics.add(this.#words, MAIL, 1);
    Atomics.notify(this.#words, MAIL);
  }

  /** Thread: sleeps until `mail` is no longer `seen`, at most `ms`. */
  sleep(seen: number, ms: number): void {
    Atomics.wait(this.#words, MAIL, seen, ms);
  }

  /** The call that runs, or 0. */
  get running(): number {
    return Atomics.load(this.#words, RUNNING);
  }

  /** When it began, in milliseconds since the epoch. Read `running` before and after: it may change in between. */
  get startedAt(): number {
    return this.#times[0]!;
  }

  /** Thread: `seq` runs from `startedAt` on. */
  enter(seq: number, startedAt: number): void {
    this.#times[0] = startedAt;
    if (seq !== 0) this.begun.add(seq);
    Atomics.store(this.#words, RUNNING, seq);
  }
}

/** Room for what else there may be before it. */
const BEGUN_AT = 64;
const MAIL = 0;
const RUNNING = 1;

/** Milliseconds since the epoch with a fraction, the same clock in every thread. */
export function sharedNow(): number {
  return performance.timeOrigin + performance.now();
}
