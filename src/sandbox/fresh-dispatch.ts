import type { InstancePoolListener } from './instance-pool-options.js';
import type { Job } from './job.js';
import type { JobQueue, Whom } from './job-queue.js';
import type { Failure } from './protocol.js';
import type { SentJobs } from './sent-jobs.js';

/** Fresh instances under way at a time, beside those whose guests are suspended. */
const PER_CALL_WINDOW = 32;

/** What the calls of a plugin that makes an instance for each have in common with its budgets. */
export interface FreshOwner {
  readonly queue: JobQueue;
  readonly sent: SentJobs;
  readonly listener: InstancePoolListener;
  /** Whose jobs may begin, where there is room for an instance or is none. */
  whoMayBegin(hasRoom: boolean, now: number): Whom | undefined;
  send(job: Job, now: number): void;
  /** Nothing that waits by itself can ever begin. */
  failQueued(failure: Failure): void;
  /** There may be room now. */
  readonly pump: () => void;
}

/** Sends calls to instances that are made for them, as far as the window and the budgets of the host go. */
export class FreshDispatch {
  readonly #owner: FreshOwner;
  /** The budget that calls wait for; undefined where none does. */
  noRoom: Failure | undefined;

  constructor(owner: FreshOwner) {
    this.#owner = owner;
  }

  /** As many as can go. */
  run(now: number): void {
    const { queue, sent, whoMayBegin, send } = this.#owner;
    for (;;) {
      const whom = whoMayBegin(sent.running < PER_CALL_WINDOW && this.#mayMake(), now);
      const job = whom && queue.shift(whom);
      if (!job) return;
      send(job, now);
    }
  }

  /** A fresh instance ends with its call, and no other has room by that. */
  cameBack(): void {}

  stop(): void {}

  /** Do the budgets leave room for one more? A call on behalf of one that waits is not asked. */
  #mayMake(): boolean {
    const { queue, sent, listener, failQueued, pump } = this.#owner;
    this.noRoom = undefined;
    if (queue.length === queue.nested) return false;
    const refused = listener.admit(false);
    if (!refused) return true;
    if (refused.canWait) {
      this.noRoom = refused.failure;
      listener.onRoom(pump, sent.size === 0);
    } else failQueued(refused.failure);
    return false;
  }
}
