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
    this.#words = new Int32Array(buffer, 0, BEGUN_AT / 4);
    this.#times = new Float64Array(buffer, 24, 1);
    this.begun = new BegunWorks(buffer, BEGUN_AT);
  }

  /** Counts the messages sent to the thread. */
  get mail(): number {
    return Atomics.load(this.#words, MAIL);
  }

  /** Host: a message was sent. Waking costs tens of microseconds, so only who sleeps is woken, and once. */
  ring(): void {
    Atomics.add(this.#words, MAIL, 1);
    if (Atomics.exchange(this.#words, DOZING, 0) === 1) Atomics.notify(this.#words, MAIL);
  }

  /** Host: so many batches were posted as messages, mod 2^32. Said after the last was, and before it {@link ring}s. */
  set posted(batches: number) {
    Atomics.store(this.#words, POSTED, batches);
  }

  get posted(): number {
    return Atomics.load(this.#words, POSTED);
  }

  /** Thread: so many batches were posted to its host, mod 2^32. Said after the last was. */
  set postedBack(batches: number) {
    Atomics.store(this.#words, POSTED_BACK, batches);
  }

  get postedBack(): number {
    return Atomics.load(this.#words, POSTED_BACK);
  }

  /** Thread: sleeps until `mail` is no longer `seen`, at most `ms`. */
  sleep(seen: number, ms: number): void {
    // Said before: a message that comes in between makes the wait end at once.
    Atomics.store(this.#words, DOZING, 1);
    Atomics.wait(this.#words, MAIL, seen, ms);
    Atomics.store(this.#words, DOZING, 0);
  }

  /** An end is awake: it will look into its ring by itself, for as long as this is not taken back. */
  stayAwake(end: 'host' | 'thread'): void {
    Atomics.store(this.#words, end === 'host' ? HOST : THREAD, AWAKE);
  }

  /** An end only listens to messages from now on. It has to look into its ring once more after this. */
  fallAsleep(end: 'host' | 'thread'): void {
    Atomics.store(this.#words, end === 'host' ? HOST : THREAD, ASLEEP);
  }

  /** Does the other end have to be sent a message, because it sleeps? True once for each time that it fell asleep. */
  mustWake(end: 'host' | 'thread'): boolean {
    const word = end === 'host' ? HOST : THREAD;
    return Atomics.compareExchange(this.#words, word, ASLEEP, AWAKE) === ASLEEP;
  }

  /** Host: is the thread to stay awake for the next call? */
  set isEager(eager: boolean) {
    Atomics.store(this.#words, EAGER, eager ? 1 : 0);
  }

  get isEager(): boolean {
    return Atomics.load(this.#words, EAGER) === 1;
  }

  /** The call that runs, or 0. */
  get running(): number {
    return Atomics.load(this.#words, RUNNING);
  }

  /** Thread: its guest sleeps, or does no more. */
  set isSleeping(sleeping: boolean) {
    Atomics.store(this.#words, SLEEPING, sleeping ? 1 : 0);
  }

  get isSleeping(): boolean {
    return Atomics.load(this.#words, SLEEPING) === 1;
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
const HOST = 2;
const THREAD = 3;
const EAGER = 4;
const SLEEPING = 5;
// 6 and 7 are the time at which a work began.
const DOZING = 8;
const POSTED = 9;
const POSTED_BACK = 10;
const ASLEEP = 0;
const AWAKE = 1;
