import type { InstanceSlot } from './instance-slot.js';
import type { Job } from './job.js';
import type { JobQueue } from './job-queue.js';
import { beginWait } from './nested-wait.js';
import { WakeTimer } from './wake-timer.js';

/** So many tenants at a time. */
const MOST_LOOKED_AT = 16;
/** How often they are looked at again, in milliseconds: an instance that one could have had may have gone to another, which waits for it. */
const LOOK_MS = 20;

/** The jobs that guests wait for, as long as these wait for an instance: is one ever to be free for them? */
export class AwaitedJobs {
  readonly #queue: JobQueue;
  readonly #holders: (tenant: string) => readonly InstanceSlot[] | undefined;
  readonly #refuse: (job: Job) => void;
  readonly #timer = new WakeTimer(() => this.#look());

  /**
   * @param holders the instances of which one has to go first; undefined where there will be one in any case
   * @param refuse it waits for a guest that waits for it
   */
  constructor(
    queue: JobQueue,
    holders: (tenant: string) => readonly InstanceSlot[] | undefined,
    refuse: (job: Job) => void,
  ) {
    this.#queue = queue;
    this.#holders = holders;
    this.#refuse = refuse;
  }

  /** This job was to go to an instance, and may not have found one. */
  came(job: Job): void {
    if (!job.parent || !this.#queue.has(job)) return;
    const holders = (): readonly InstanceSlot[] | undefined => this.#holders(job.tenant);
    if (beginWait(job, { seq: job.seq, holders }) === 'never') this.#refuse(job);
    this.#timer.in(LOOK_MS);
  }

  stop(): void {
    this.#timer.stop();
  }

  /** Of each tenant the first: the others wait for the same. */
  #look(): void {
    if (this.#queue.nested === 0) return;
    const jobs = this.#queue.tenants().flatMap((tenant) => this.#queue.firstOf(tenant, 'nested') ?? []);
    for (const job of jobs.slice(0, MOST_LOOKED_AT)) this.came(job);
  }
}
