import type { CallCost } from './capacity.js';
import type { JobResult } from './job.js';
import type { Failure } from './protocol.js';
import type { SentJob } from './sent-job.js';

type JobFailed = Extract<JobResult, { ok: false }>;

/** So long a plugin that ran into a limit of time is expected to do it again. */
const REMEMBERED_MS = 60_000;
/** A call that waited for most of its time, and did when it was stopped, has held up nobody. */
const COMPUTED = 0.5;

/** Remembers whether a plugin's guests computed, or slept in their thread, until they were stopped: they hold up whoever lives there. */
export class Overruns {
  #lastAt = Number.NEGATIVE_INFINITY;

  /**
   * A run ended like this, at `now` by `performance.now()`. `isStarved`: others go before it, and that it was still computing
   * says nothing.
   */
  ended(failure: Failure, { cpuMs, durationMs }: CallCost, now: number, isStarved = false): void {
    const { violation, heldThread } = failure;
    const computed = cpuMs >= durationMs * COMPUTED || (heldThread && !isStarved);
    if ((violation === 'timeout' && computed) || violation === 'cpu') this.#lastAt = now;
  }

  /** The same of a job in a thread. */
  jobEnded({ thread }: SentJob, { failure, message }: JobFailed, cost: CallCost, now: number): void {
    // Of one that was given up there are no figures. In the background it may be that others went before it.
    if (!message && (thread.isBackground || !failure.heldThread)) return;
    this.ended(failure, cost, now, thread.isBackground);
  }

  /** Has there been one of late? */
  recent(now: number): boolean {
    return now - this.#lastAt < REMEMBERED_MS;
  }
}
