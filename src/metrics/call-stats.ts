import { ERROR_CODES, type ErrorCode } from '../errors/codes.js';
import type { CallEvent } from '../events/host-events.js';
import type { ViolationKind } from '../events/violation-event.js';
import { Histogram, type HistogramSnapshot } from './histogram.js';
import { RecentCalls, type RecentCallsSnapshot } from './recent-calls.js';

/** The figures of a call that ended; a `call` event will do. */
export interface CallSample
  extends Omit<CallEvent<ErrorCode>, 'callId' | 'plugin' | 'version' | 'fn' | 'code' | 'fuel'> {
  readonly code?: ErrorCode | undefined;
  readonly fuel?: number | undefined;
}

/** All counters since the start; plain, frozen. Totals never go down, `inFlight` and `queued` are of this moment. */
export interface StatsSnapshot {
  /** Calls that ended, those that were refused included. */
  readonly calls: number;
  readonly errors: number;
  readonly errorsByCode: Readonly<Partial<Record<ErrorCode, number>>>;
  readonly inFlight: number;
  readonly queued: number;
  /** Execution of calls that began, well or badly ended. */
  readonly durationMs: HistogramSnapshot;
  /** Their wait for an instance. */
  readonly queuedMs: HistogramSnapshot;
  /** Processor time of guests. */
  readonly cpuMs: number;
  /** Calls that waited because the plugin, or all guests together, had used up a share of the processor. */
  readonly delayed: number;
  /** For how long they did, in all. */
  readonly delayedMs: number;
  /** Instructions executed; 0 without metering. */
  readonly fuel: number;
  /** The most that any one instance had at the end of a call. */
  readonly memoryPeakBytes: number;
  readonly inputBytes: number;
  readonly outputBytes: number;
  /** Lookups in the cache of compiled modules. */
  readonly cacheHits: number;
  readonly cacheMisses: number;
  /** Instances that were lost and made anew. */
  readonly restarts: number;
  readonly violations: number;
  readonly violationsByKind: Readonly<Partial<Record<ViolationKind, number>>>;
  /** The last minute, for health. */
  readonly recent: RecentCallsSnapshot;
}

/** How a {@link CallStats} is made. */
export interface CallStatsOptions {
  /** Is told everything too: the host's totals, which outlive the plugin. */
  readonly parent?: CallStats;
  /** Milliseconds since the epoch; default `Date.now`. */
  readonly now?: () => number;
}

/**
 * Counts what happens to calls. A call goes `enqueued` → `dequeued` → `began` → `ended`; one that needs no queue begins at
 * once; one that never begins is `refused` (after `dequeued`, if it was in the queue). Recording allocates nothing and takes
 * well under a microsecond.
 */
export class CallStats {
  readonly #parent: CallStats | undefined;
  readonly #now: () => number;
  readonly #errorsByCode = new Map<ErrorCode, number>();
  readonly #violationsByKind = new Map<ViolationKind, number>();
  readonly #duration = new Histogram();
  readonly #queueTime = new Histogram();
  readonly #recent = new RecentCalls();
  #calls = 0;
  #errors = 0;
  #inFlight = 0;
  #queued = 0;
  #cpuMs = 0;
  #delayed = 0;
  #delayedMs = 0;
  #fuel = 0;
  #memoryPeakBytes = 0;
  #inputBytes = 0;
  #outputBytes = 0;
  #cacheHits = 0;
  #cacheMisses = 0;
  #restarts = 0;
  #violations = 0;

  constructor({ parent, now = Date.now }: CallStatsOptions = {}) {
    this.#parent = parent;
    this.#now = now;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  get queued(): number {
    return this.#queued;
  }

  /** A call waits for an instance. */
  enqueued(): void {
    this.#queued++;
    this.#parent?.enqueued();
  }

  /** A call stopped waiting, because it begins or because it gave up. */
  dequeued(): void {
    this.#queued--;
    this.#parent?.dequeued();
  }

  /** A call that now begins was held back for so long because of the processor's time. */
  delayed(ms: number): void {
    this.#delayed++;
    this.#delayedMs += positive(ms);
    this.#parent?.delayed(ms);
  }

  /** A call got its instance. */
  began(): void {
    this.#inFlight++;
    this.#parent?.began();
  }

  /** A call that began has ended, at `at` by the clock of `now`. */
  ended(sample: CallSample, at = this.#now()): void {
    this.#inFlight--;
    this.#duration.record(sample.durationMs);
    this.#queueTime.record(sample.queuedMs);
    this.#cpuMs += positive(sample.cpuMs);
    this.#fuel += positive(sample.fuel ?? 0);
    if (sample.memoryBytes > this.#memoryPeakBytes) this.#memoryPeakBytes = sample.memoryBytes;
    this.#inputBytes += positive(sample.inputBytes);
    this.#outputBytes += positive(sample.outputBytes);
    if (sample.ok) this.#succeed(at);
    else this.#fail(sample.code, at);
    this.#parent?.ended(sample, at);
  }

  /** A call ended that never began: the plugin in quarantine, the queue full, the wait too long, the caller gone. */
  refused(code: ErrorCode, at = this.#now()): void {
    this.#fail(code, at);
    this.#parent?.refused(code, at);
  }

  violated(kind: ViolationKind): void {
    this.#violations++;
    this.#violationsByKind.set(kind, (this.#violationsByKind.get(kind) ?? 0) + 1);
    this.#parent?.violated(kind);
  }

  restarted(): void {
    this.#restarts++;
    this.#parent?.restarted();
  }

  cacheHit(): void {
    this.#cacheHits++;
    this.#parent?.cacheHit();
  }

  cacheMiss(): void {
    this.#cacheMisses++;
    this.#parent?.cacheMiss();
  }

  snapshot(): StatsSnapshot {
    return Object.freeze({
      calls: this.#calls,
      errors: this.#errors,
      errorsByCode: Object.freeze(Object.fromEntries(this.#errorsByCode)),
      inFlight: this.#inFlight,
      queued: this.#queued,
      durationMs: this.#duration.snapshot(),
      queuedMs: this.#queueTime.snapshot(),
      cpuMs: this.#cpuMs,
      delayed: this.#delayed,
      delayedMs: this.#delayedMs,
      fuel: this.#fuel,
      memoryPeakBytes: this.#memoryPeakBytes,
      inputBytes: this.#inputBytes,
      outputBytes: this.#outputBytes,
      cacheHits: this.#cacheHits,
      cacheMisses: this.#cacheMisses,
      restarts: this.#restarts,
      violations: this.#violations,
      violationsByKind: Object.freeze(Object.fromEntries(this.#violationsByKind)),
      recent: this.#recent.snapshot(this.#now()),
    });
  }

  #succeed(at: number): void {
    this.#calls++;
    this.#recent.record(at, false);
  }

  #fail(code: ErrorCode | undefined, at: number): void {
    this.#calls++;
    this.#errors++;
    if (code !== undefined) this.#errorsByCode.set(code, (this.#errorsByCode.get(code) ?? 0) + 1);
    this.#recent.record(at, code === undefined || ERROR_CODES[code].fault !== 'host');
  }
}

/** One figure that is no number would spoil a total for good. */
function positive(value: number): number {
  return Number.isFinite(value) && value > 0 ? value : 0;
}
