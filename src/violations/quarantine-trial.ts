/**
 * How a trial call ended: `passed` without a violation (an error of the guest's own is none), `failed` with one,
 * `inconclusive` before the guest had a chance to do wrong (aborted in the queue, the host was busy).
 */
export type TrialOutcome = 'passed' | 'failed' | 'inconclusive';

/** The one call that is let through to a plugin in quarantine. Only the first {@link settle} counts. */
export class QuarantineTrial {
  readonly plugin: string;
  #settle: ((outcome: TrialOutcome) => readonly string[]) | undefined;

  constructor(plugin: string, settle: (outcome: TrialOutcome) => readonly string[]) {
    this.plugin = plugin;
    this.#settle = settle;
  }

  /**
   * Says how the call ended. After `passed` the plugin is released, after `failed` it waits for `releaseAfterMs` again, after
   * `inconclusive` the next call is the trial. Returns the names of those that are free now.
   */
  settle(outcome: TrialOutcome): readonly string[] {
    const settle = this.#settle;
    this.#settle = undefined;
    return settle ? settle(outcome) : [];
  }

  /** The quarantine was lifted or renewed meanwhile: the end of this call no longer matters. */
  abandon(): void {
    this.#settle = undefined;
  }
}
