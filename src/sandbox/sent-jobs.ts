import type { GuestShare } from './guest-totals.js';
import type { Job } from './job.js';
import { NumberMap } from './number-map.js';
import type { SentJob } from './sent-job.js';

/** The jobs of one plugin that are in threads, by their numbers. */
export class SentJobs extends NumberMap<SentJob> {
  readonly #share: GuestShare;
  #suspended = 0;

  /** @param share where the instances count that are made for one job each */
  constructor(share: GuestShare) {
    super();
    this.#share = share;
  }

  add(sent: SentJob): void {
    if (!sent.slot) this.#share.add(1, sent.freshBytes);
    this.set(sent.job.seq, sent);
  }

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

  /** It came back; false where it had before. */
  remove({ job, slot, freshBytes }: SentJob): boolean {
    if (this.#suspended > 0) this.suspend(job.seq, false);
    if (!this.delete(job.seq)) return false;
    if (!slot) this.#share.add(-1, -freshBytes);
    return true;
  }

  override clear(): void {
    for (const { slot, freshBytes } of this.values()) if (!slot) this.#share.add(-1, -freshBytes);
    this.#suspended = 0;
    super.clear();
  }

  /** Cancels those that waited too long behind others in their threads, and gives them; `wait` gets the deadlines of the others. */
  cancelLate(now: number, wait: (deadline: number) => void): Job[] {
    const late: Job[] = [];
    for (const sent of this.values()) {
      const { job, thread, isCancelled } = sent;
      if (isCancelled || thread.hasBegun(job.seq)) continue;
      if (job.queueDeadline <= now) {
        sent.cancel();
        late.push(job);
      } else wait(job.queueDeadline);
    }
    return late;
  }
}
