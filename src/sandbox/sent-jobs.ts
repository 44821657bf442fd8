import type { SentJob } from './sent-job.js';

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
