import { VIOLATION_KINDS, type ViolationEvent, type ViolationKind } from '../events/violation-event.js';
import { evidence, evidenceText, MAX_MESSAGE_CHARS } from './evidence.js';
import { KINDS } from './severity.js';
import { SlidingWindow } from './sliding-window.js';
import { violationIds } from './violation-id.js';

/** What is known about a violation when it happens. */
export interface ViolationReport {
  readonly plugin: string;
  readonly version: string;
  readonly kind: ViolationKind;
  /** What happened, what the limit or the grant was; may quote the guest, and is escaped and cut. */
  readonly message: string;
  /** The facts; copied, cut and frozen. Default `{}`. */
  readonly detail?: Readonly<Record<string, unknown>>;
  readonly callId?: string | undefined;
}

/** How a {@link ViolationLedger} counts. */
export interface LedgerOptions {
  /** So much weight within the window means quarantine. Default 3; `0` is the same as 1; `Infinity` never. */
  readonly maxViolations?: number;
  /** Length of the window in milliseconds. Default 60 000; `Infinity`: violations never expire. */
  readonly windowMs?: number;
  /** Weight of one violation by kind. Default 1 each; `0` does not count. */
  readonly weights?: Partial<Record<ViolationKind, number>>;
  /** How many of the latest violations of a plugin are kept. Default 32. */
  readonly keep?: number;
  /** Milliseconds since the epoch. Default `Date.now`. */
  readonly now?: () => number;
  /** Whether a plugin of this name is there; of those that are not, the latest 100 are remembered. Default: all are. */
  readonly isThere?: (plugin: string) => boolean;
}

/** Plugins that are gone, or never came to be, and are still remembered. */
const MAX_GONE = 100;

interface Account {
  readonly windows: Map<ViolationKind, SlidingWindow>;
  readonly recent: ViolationEvent[];
}

/**
 * Remembers who violated what within a sliding window, and says when it is enough. Memory per plugin is bounded however many
 * violations come (see {@link SlidingWindow}; the latest `keep` are there in full). Does nothing else: emitting the event and
 * putting the plugin into quarantine are the caller's.
 */
export class ViolationLedger {
  readonly #accounts = new Map<string, Account>();
  readonly #options: Required<Omit<LedgerOptions, 'weights'>>;
  readonly #weights: Readonly<Record<ViolationKind, number>>;
  readonly #nextId = violationIds();

  constructor(options: LedgerOptions = {}) {
    const { maxViolations = 3, windowMs = 60_000, keep = 32, now = Date.now, weights = {} } = options;
    const { isThere = () => true } = options;
    this.#options = { maxViolations, windowMs, keep, now, isThere };
    this.#weights = Object.fromEntries(
      VIOLATION_KINDS.map((kind) => [kind, weights[kind] ?? KINDS[kind].weight]),
    ) as Record<ViolationKind, number>;
  }

  /**
   * Records one violation. `quarantine` says that the plugin's weight within the window has reached `maxViolations`; it keeps
   * saying so for every further one until it expires or {@link pardon} is called.
   */
  record(report: ViolationReport): {
    readonly violation: ViolationEvent;
    readonly quarantine: boolean;
    /** It counts towards quarantine. */
    readonly weighs: boolean;
  } {
    const { plugin, version, kind, callId } = report;
    const at = this.#options.now();
    const account = this.#account(plugin);
    const window = account.windows.get(kind) ?? new SlidingWindow(this.#options.windowMs);
    account.windows.set(kind, window);
    const count = window.add(at);
    const violation: ViolationEvent = Object.freeze({
      id: this.#nextId(at),
      plugin,
      version,
      kind,
      severity: KINDS[kind].severity,
      message: evidenceText(report.message, MAX_MESSAGE_CHARS),
      detail: evidence(report.detail ?? {}),
      ...(callId === undefined ? {} : { callId }),
      at,
      count,
    });
    account.recent.push(violation);
    if (account.recent.length > this.#options.keep) account.recent.shift();
    const weighs = this.#weights[kind] > 0;
    return { violation, weighs, quarantine: weighs && this.weight(plugin) >= this.#options.maxViolations };
  }

  /** The weight of a plugin's violations within the window that ends now. */
  weight(plugin: string): number {
    const account = this.#accounts.get(plugin);
    if (!account) return 0;
    const at = this.#options.now();
    let weight = 0;
    for (const [kind, window] of account.windows) weight += window.count(at) * this.#weights[kind];
    return weight;
  }

  /** How many of each kind a plugin has within the window that ends now; kinds without any are absent. */
  counts(plugin: string): Readonly<Partial<Record<ViolationKind, number>>> {
    const at = this.#options.now();
    const counts: Partial<Record<ViolationKind, number>> = {};
    for (const [kind, window] of this.#accounts.get(plugin)?.windows ?? []) {
      const count = window.count(at);
      if (count > 0) counts[kind] = count;
    }
    return Object.freeze(counts);
  }

  /** The latest violations of a plugin, oldest first, also those that no longer count. */
  recent(plugin: string): readonly ViolationEvent[] {
    return Object.freeze([...(this.#accounts.get(plugin)?.recent ?? [])]);
  }

  /** Begins a plugin's window anew, as after a release; what happened stays in {@link recent}. */
  pardon(plugin: string): void {
    this.#accounts.get(plugin)?.windows.clear();
  }

  /** Forgets all about a plugin. */
  forget(plugin: string): void {
    this.#accounts.delete(plugin);
  }

  #account(plugin: string): Account {
    let account = this.#accounts.get(plugin);
    if (!account) {
      account = { windows: new Map(), recent: [] };
      this.#accounts.set(plugin, account);
      this.#forgetGone(plugin);
    }
    return account;
  }

  /** A host that meets ever new names must not grow by those that it has forgotten. */
  #forgetGone(except: string): void {
    const gone = [...this.#accounts.keys()].filter((one) => one !== except && !this.#options.isThere(one));
    for (const plugin of gone.slice(0, Math.max(0, gone.length - MAX_GONE))) this.#accounts.delete(plugin);
  }
}
