import { performance } from 'node:perf_hooks';
import type { FromThread, GuestSpec, ToThread } from '../protocol.js';
import {
  askOf,
  type Claim,
  claimOf,
  detailsOf,
  doneOf,
  integer,
  logLevel,
  text,
  violationKind,
} from './child-messages.js';
import { readWire, WireError } from './wire-reader.js';

/** Violations that a run may report: one of each kind, and one for each kind of refusal by WASI. */
const MAX_VIOLATIONS = 1000;
/**
 * A work is a start and a run, each with the limit for itself; what is no UTF-8 becomes three times as long as text.
 */
const MAX_LOG_FACTOR = 8;
const LOG_SLACK = 64 * 1024;
/** What a message needs beside the guest's data. */
const FRAME_SLACK = 1024 * 1024;
const MAX_FRAME_BYTES = 2 ** 31 - 1;
/** A child that does not get on with a work is beyond its own watchdog: it has this long over the work's own time. */
const ALLOWANCE_MS = 15_000;
/** Two processes do not measure a time as exactly the same. */
const CLOCKS_MS = 10;

/** A work that was sent to a child and is not done. */
interface OpenWork {
  readonly timeoutMs: number;
  /** `performance.now()` of when it was sent. */
  readonly sentAt: number;
  logBytes: number;
  violations: number;
  /** What its guest waits for. */
  ask: number | undefined;
  /** Where it is to run; undefined for what is no call of an instance that there is. */
  readonly instance: number | undefined;
  /** It may come back without having begun. */
  isRecalled: boolean;
}

/**
 * What a host knows of a child beside what the child says, and holds its words against. A guest that got out of its sandbox
 * speaks for the whole process: here it can lie about its own calls, and do no more.
 */
export class ChildGuard {
  readonly #spec: GuestSpec;
  readonly #open = new Map<number, OpenWork>();
  readonly #maxValues: number;
  #lastAsk = 0;
  /** `performance.now()` from which the first of the open works could run. */
  #headSince = 0;

  constructor(spec: GuestSpec) {
    this.#spec = spec;
    // Each var takes 32 bytes of `varBytes` at least.
    this.#maxValues = Math.min(1e7, 16_384 + spec.limits.varBytes / 16);
  }

  /** The longest message that a child may send: an output, or the arguments of a host function. */
  static maxFrameBytes({ limits }: GuestSpec): number {
    return Math.min(MAX_FRAME_BYTES, FRAME_SLACK + 4 * limits.memoryBytes + 4 * limits.varBytes);
  }

  /** This goes to the child. */
  sent(message: ToThread): void {
    if (message.op === 'instantiate' || message.op === 'call') {
      if (this.#open.size === 0) this.#headSince = performance.now();
      const more = message.op === 'call' && message.fresh ? message.fresh.startTimeoutMs : 0;
      const timeoutMs = message.timeoutMs + more;
      this.#open.set(message.seq, {
        timeoutMs,
        sentAt: performance.now(),
        logBytes: 0,
        violations: 0,
        ask: undefined,
        instance: message.op === 'call' && !message.fresh ? message.instance : undefined,
        isRecalled: false,
      });
    } else if (message.op === 'recall') {
      for (const work of this.#open.values()) if (work.instance === message.instance) work.isRecalled = true;
    } else if (message.op === 'answer') {
      for (const work of this.#open.values()) if (work.ask === message.ask) work.ask = undefined;
    }
  }

  /** The child begins only now with what was sent. */
  restart(): void {
    this.#headSince = performance.now();
  }

  /** How long the child may go on without being done with its first work, in milliseconds; `Infinity` where it has none. */
  patienceMs(): number {
    const [head] = this.#open.values();
    if (!head) return Number.POSITIVE_INFINITY;
    return this.#headSince + head.timeoutMs + ALLOWANCE_MS - performance.now();
  }

  /**
   * A message as it can be passed on.
   *
   * @throws WireError for what a sandbox does not say
   */
  read(bytes: Buffer): FromThread {
    const claim = claimOf(readWire(bytes, this.#maxValues), 'a message');
    const seq = integer(claim.seq, 'the number of a work');
    const work = this.#open.get(seq);
    if (!work) throw new WireError('it speaks of a work that is not under way');
    switch (claim.op) {
      case 'done':
        this.#open.delete(seq);
        this.#headSince = performance.now();
        return this.#done(claim, seq, work);
      case 'ask':
        return this.#ask(claim, seq, work);
      case 'log':
        return this.#log(claim, seq, work);
      case 'violation':
        return this.#violation(claim, seq, work);
      default:
        throw new WireError('no such message');
    }
  }

  #done(claim: Claim, seq: number, work: OpenWork): FromThread {
    const done = doneOf(claim, seq, this.#spec, performance.now() - work.sentAt + CLOCKS_MS);
    if (done.unstarted && !done.lost && !work.isRecalled)
      throw new WireError('it gives back a call that nobody recalled');
    return done;
  }

  #ask(claim: Claim, seq: number, work: OpenWork): FromThread {
    const ask = integer(claim.ask, 'the number of a question');
    if (work.ask !== undefined || ask <= this.#lastAsk)
      throw new WireError('a guest asks one thing at a time');
    const body = askOf(claimOf(claim.body, 'a question'), this.#spec);
    this.#lastAsk = ask;
    work.ask = ask;
    return { op: 'ask', ask, seq, spec: this.#spec.id, body };
  }

  #log(claim: Claim, seq: number, work: OpenWork): FromThread {
    const { logBytesPerCall } = this.#spec.limits;
    const message = text(claim.message, 'a log line', Number.POSITIVE_INFINITY);
    work.logBytes += Buffer.byteLength(message) + 16;
    if (work.logBytes > MAX_LOG_FACTOR * logBytesPerCall + LOG_SLACK)
      throw new WireError('a log beyond its limit');
    return { op: 'log', seq, spec: this.#spec.id, level: logLevel(claim.level), message };
  }

  #violation(claim: Claim, seq: number, work: OpenWork): FromThread {
    if (++work.violations > MAX_VIOLATIONS) throw new WireError('too many violations of one work');
    return {
      op: 'violation',
      seq,
      spec: this.#spec.id,
      kind: violationKind(claim.kind),
      message: text(claim.message, 'the message of a violation'),
      detail: detailsOf(claim.detail),
    };
  }
}
