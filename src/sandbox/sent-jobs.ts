import type { CallCost } from './capacity.js';
import type { Job } from './job.js';
import type { SandboxThread } from './sandbox-thread.js';

/** A job in a thread, with what it was expected to cost. */
export interface SentJob extends CallCost {
  readonly job: Job;
  readonly thread: SandboxThread;
  /** `performance.now()` of when it was sent. */
  readonly at: number;
  isSuspended: boolean;
}

/** The jobs of one plugin that are in threads, by their numbers. */
export class SentJobs extends Map<number, SentJob> {
  #suspended = 0;

  /** Those whose guests are not suspended. */
  get running(): number {
    return this.size - this.#suspended;
  }

  /** Its guest is suspended from now on, or goes on. */
  suspend(seq: number, isSuspended: boolean): void {
    const sent = this.get(seq);
    if (!sent || sent.isSuspended === isSuspended) return;
    sent.isSuspended = isSuspended;
    this.#suspended += isSuspended ? 1 : -1;
  }

  override delete(seq: number): boolean {
    this.suspend(seq, false);
    return super.delete(seq);
  }

  override clear(): void {
    this.#suspended = 0;
    super.clear();
  }

  /** Sent, but behind others in its thread: the guest has not begun with it. */
  unbegun(): SentJob[] {
    return [...this.values()].filter(({ job, thread }) => !thread.hasBegun(job.seq));
  }
}

/** It was never begun. */
export const NO_COST: CallCost = { durationMs: 0, cpuMs: 0 };

/** A guest that had to be given up told nothing of what it used: all of its time, as far as anybody knows. */
export function costOfLost({ at }: SentJob, { timeoutMs }: Job): CallCost {
  const durationMs = Math.min(performance.now() - at, timeoutMs);
  return { durationMs, cpuMs: durationMs };
}
