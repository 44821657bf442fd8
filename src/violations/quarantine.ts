import { type CordonError, cordonError } from '../errors/cordon-error.js';
import type { ViolationEvent } from '../events/violation-event.js';
import { evidenceText, MAX_MESSAGE_CHARS } from './evidence.js';
import { freezeRecord, type QuarantineCause, type QuarantineRecord } from './quarantine-record.js';
import { QuarantineTrial, type TrialOutcome } from './quarantine-trial.js';

/** How a {@link Quarantine} releases and whom it takes along. */
export interface QuarantineOptions {
  /**
   * After so many milliseconds one trial call is let through, and the plugin is released if it ends without a violation.
   * Default `Infinity`: by hand only. A quarantine that was imposed by hand has no trial, whatever is set here.
   */
  readonly releaseAfterMs?: number;
  /** Whether plugins that depend on the one in quarantine are suspended with it. Default `true`. */
  readonly cascade?: boolean;
  /** Milliseconds since the epoch. Default `Date.now`. */
  readonly now?: () => number;
}

/** Why a plugin goes into quarantine. */
export interface Imposition {
  readonly plugin: string;
  readonly version: string;
  readonly cause: Exclude<QuarantineCause, 'dependency'>;
  /** For people: `3 violations within 60000 ms: http, http, memory`. */
  readonly reason: string;
  /** The violations behind it; the latest 32 are kept. */
  readonly evidence?: readonly ViolationEvent[];
  /** All plugins that depend on it, directly or not, with their versions; suspended if `cascade`. */
  readonly dependents?: readonly { readonly plugin: string; readonly version: string }[];
}

interface Hold {
  record: QuarantineRecord;
  trial: QuarantineTrial | undefined;
  /** Records of this quarantine over its dependents. */
  readonly suspended: Map<string, QuarantineRecord>;
}

const KEPT_EVIDENCE = 32;

/**
 * Who is in quarantine and why. Works like a circuit breaker: closed to calls until `releaseAfterMs` have passed, then half
 * open to one trial call, whose end decides. Time is only ever looked at when a call asks, so there is no timer to clear.
 *
 * A plugin is free when nothing holds it: neither a quarantine of its own, nor that of one that it depends on. Moving the
 * plugins' lifecycles is the caller's; the methods return whose state changes.
 */
export class Quarantine {
  readonly #holds = new Map<string, Hold>();
  /** Dependent → the plugins in quarantine that suspend it. */
  readonly #suspenders = new Map<string, Set<string>>();
  readonly #releaseAfterMs: number;
  readonly #cascade: boolean;
  readonly #now: () => number;

  constructor({
    releaseAfterMs = Number.POSITIVE_INFINITY,
    cascade = true,
    now = Date.now,
  }: QuarantineOptions = {}) {
    this.#releaseAfterMs = releaseAfterMs;
    this.#cascade = cascade;
    this.#now = now;
  }

  /**
   * Puts a plugin into quarantine and suspends its dependents. Returns the names of those that were free before, the plugin
   * first. For one that is in quarantine already the cause, evidence and dependents are brought up to date, a trial that is
   * under way has failed, and the time until the next one begins anew; one imposed by hand stays so.
   */
  impose(imposition: Imposition): readonly string[] {
    const { plugin, version, evidence = [], dependents = [] } = imposition;
    const before = this.#holds.get(plugin);
    before?.trial?.abandon();
    const byHand = imposition.cause === 'manual' || before?.record.cause === 'manual';
    const at = this.#now();
    const hold: Hold = {
      trial: undefined,
      suspended: before?.suspended ?? new Map(),
      record: freezeRecord({
        plugin,
        version,
        cause: byHand ? 'manual' : 'violations',
        reason: evidenceText(imposition.reason, MAX_MESSAGE_CHARS),
        evidence: evidence.slice(-KEPT_EVIDENCE),
        since: before?.record.since ?? at,
        trialAt: byHand ? undefined : this.#trialAt(at),
        failedTrials: (before?.record.failedTrials ?? 0) + (before?.trial ? 1 : 0),
      }),
    };
    const taken = this.has(plugin) ? [] : [plugin];
    this.#holds.set(plugin, hold);
    if (this.#cascade) {
      for (const dependent of dependents) {
        if (dependent.plugin === plugin) continue;
        if (!this.has(dependent.plugin)) taken.push(dependent.plugin);
        this.#suspend(dependent, hold.record, at);
      }
    }
    return Object.freeze(taken);
  }

  /** Takes up a quarantine that an earlier host imposed, as it was then. Dependents come by {@link join} when they are loaded. */
  restore(kept: QuarantineRecord): void {
    const waits = kept.cause === 'manual' ? undefined : (kept.trialAt ?? this.#trialAt(this.#now()));
    const record = freezeRecord({ ...kept, trialAt: waits });
    this.#holds.set(kept.plugin, { trial: undefined, suspended: new Map(), record });
  }

  /** A plugin was loaded that depends on these: it is suspended by each of them that is in a quarantine of its own. */
  join(
    dependent: { readonly plugin: string; readonly version: string },
    dependencies: Iterable<string>,
  ): void {
    if (!this.#cascade) return;
    for (const name of dependencies) {
      const hold = this.#holds.get(name);
      if (hold && name !== dependent.plugin) this.#suspend(dependent, hold.record, this.#now());
    }
  }

  /** A plugin's own quarantine; undefined for one that is only suspended, or free. */
  own(plugin: string): QuarantineRecord | undefined {
    return this.#holds.get(plugin)?.record;
  }

  /** Whether anything holds the plugin. The one question on the way of every call: two looks into empty tables. */
  has(plugin: string): boolean {
    return this.#holds.has(plugin) || this.#suspenders.has(plugin);
  }

  /**
   * Asks for a call to a plugin: `undefined` if it is free; a {@link QuarantineTrial} if this call is its trial, which the
   * caller must settle when the call has ended, however it ended.
   * @throws ERR_QUARANTINED
   */
  admit(plugin: string): QuarantineTrial | undefined {
    if (!this.has(plugin)) return undefined;
    const hold = this.#holds.get(plugin);
    // A trial of one that would stay suspended by another proves nothing, and would run against a dead dependency.
    if (!hold || this.#suspenders.has(plugin)) throw this.refusal(plugin);
    if (hold.trial || this.#now() < (hold.record.trialAt ?? Number.POSITIVE_INFINITY))
      throw this.refusal(plugin);
    const trial: QuarantineTrial = new QuarantineTrial(plugin, (outcome) =>
      this.#settle(plugin, trial, outcome),
    );
    hold.trial = trial;
    return trial;
  }

  /**
   * Releases a plugin by hand, from its own quarantine and from those of its dependencies. Returns the names of those that
   * are free now and were not before: the plugin first, then the dependents that nothing else holds.
   */
  release(plugin: string): readonly string[] {
    const wasHeld = this.has(plugin);
    for (const suspender of this.#suspenders.get(plugin) ?? []) {
      this.#holds.get(suspender)?.suspended.delete(plugin);
    }
    this.#suspenders.delete(plugin);
    const hold = this.#holds.get(plugin);
    hold?.trial?.abandon();
    this.#holds.delete(plugin);
    const freed = wasHeld ? [plugin] : [];
    for (const dependent of hold?.suspended.keys() ?? []) {
      const suspenders = this.#suspenders.get(dependent);
      suspenders?.delete(plugin);
      if (suspenders?.size === 0) this.#suspenders.delete(dependent);
      if (!this.has(dependent)) freed.push(dependent);
    }
    return Object.freeze(freed);
  }

  /** Why a plugin is held: its own quarantine, or else that of the dependency which went first. */
  get(plugin: string): QuarantineRecord | undefined {
    const own = this.#holds.get(plugin)?.record;
    if (own) return own;
    for (const suspender of this.#suspenders.get(plugin) ?? []) {
      const record = this.#holds.get(suspender)?.suspended.get(plugin);
      if (record) return record;
    }
    return undefined;
  }

  /** Everyone who is held, those in a quarantine of their own first, in the order in which it happened. */
  list(): readonly QuarantineRecord[] {
    const names = new Set([...this.#holds.keys(), ...this.#suspenders.keys()]);
    return Object.freeze([...names].map((name) => this.get(name)!));
  }

  /** Whether a trial call would be, or is being, let through. */
  phase(plugin: string): 'free' | 'closed' | 'half-open' {
    if (!this.has(plugin)) return 'free';
    const trialAt = this.#holds.get(plugin)?.record.trialAt ?? Number.POSITIVE_INFINITY;
    return this.#suspenders.has(plugin) || this.#now() < trialAt ? 'closed' : 'half-open';
  }

  /** The error for a call to a plugin that is held. */
  refusal(plugin: string): CordonError {
    const record = this.get(plugin);
    const details = {
      cause: record?.cause,
      since: record?.since,
      trialAt: record?.trialAt,
      because: record?.because,
      violations: record?.evidence.map(({ id }) => id),
    };
    const way = record?.because
      ? `release "${record.because}" first`
      : `look at its violations, then host.release("${plugin}")${this.#trialHint(record?.trialAt)}`;
    return cordonError(
      'ERR_QUARANTINED',
      `Plugin "${plugin}" is in quarantine: ${record?.reason ?? 'unknown'}; ${way}`,
      { plugin, version: record?.version, details },
    );
  }

  #trialHint(trialAt: number | undefined): string {
    if (trialAt === undefined) return '';
    const ms = Math.ceil(trialAt - this.#now());
    return ms > 0
      ? `, or wait ${ms} ms until a trial call is let through`
      : ', or wait for the end of its trial call';
  }

  #settle(plugin: string, trial: QuarantineTrial, outcome: TrialOutcome): readonly string[] {
    const hold = this.#holds.get(plugin);
    if (hold?.trial !== trial) return Object.freeze([]);
    hold.trial = undefined;
    if (outcome === 'passed') return this.release(plugin);
    if (outcome === 'failed') {
      hold.record = freezeRecord({
        ...hold.record,
        trialAt: this.#trialAt(this.#now()),
        failedTrials: hold.record.failedTrials + 1,
      });
    }
    return Object.freeze([]);
  }

  #suspend(dependent: { plugin: string; version: string }, by: QuarantineRecord, at: number): void {
    const suspenders = this.#suspenders.get(dependent.plugin) ?? new Set();
    this.#suspenders.set(dependent.plugin, suspenders.add(by.plugin));
    const suspended = this.#holds.get(by.plugin)!.suspended;
    suspended.set(
      dependent.plugin,
      freezeRecord({
        ...dependent,
        cause: 'dependency',
        because: by.plugin,
        reason: `it depends on "${by.plugin}@${by.version}", which is in quarantine: ${by.reason}`,
        evidence: [],
        since: suspended.get(dependent.plugin)?.since ?? at,
        failedTrials: 0,
      }),
    );
  }

  /** Absent where there is none, so that a record is JSON. */
  #trialAt(from: number): number | undefined {
    return this.#releaseAfterMs === Number.POSITIVE_INFINITY ? undefined : from + this.#releaseAfterMs;
  }
}
