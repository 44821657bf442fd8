import { Fifo } from './fifo.js';
import type { Job } from './job.js';
import { isEarlierJob } from './job-number.js';

/** Calls that wait for an instance: by priority, then in the order of their arrival. */
export class JobQueue {
  readonly #jobs = new Fifo<Job>();
  /** How often the tenant changes from one job to the next: 0 where all that wait are of one. */
  #changes = 0;
  #nested = 0;

  /** Jobs on behalf of a call that waits for them. */
  get nested(): number {
    return this.#nested;
  }

  get length(): number {
    return this.#jobs.length;
  }

  /** The one that comes first; undefined where none waits. */
  get first(): Job | undefined {
    return this.#jobs.first;
  }

  /** Puts a job where it belongs; one that comes back keeps its place. */
  add(job: Job): void {
    if (job.parent) this.#nested++;
    let at = this.#jobs.length;
    while (at > 0 && before(job, this.#jobs.at(at - 1)!)) at--;
    this.#jobs.insert(at, job);
    this.#changes += this.#changesAround(at);
  }

  /** Are all that wait of one tenant? */
  get isOfOne(): boolean {
    return this.#changes === 0;
  }

  /** Whose jobs wait, in the order of their first ones, and how many of each. */
  tenants(): Iterable<readonly [tenant: string, waiting: number]> {
    // With one tenant there is no order to find out; the queue may be long, and this is asked after every call.
    if (this.#changes === 0) return this.first ? [[this.first.tenant, this.length]] : [];
    const waiting = new Map<string, number>();
    for (let i = 0; i < this.#jobs.length; i++) {
      const { tenant } = this.#jobs.at(i)!;
      waiting.set(tenant, (waiting.get(tenant) ?? 0) + 1);
    }
    return waiting;
  }

  /** Takes the first job. */
  shift(): Job | undefined {
    return this.first && this.#takeAt(0);
  }

  /** Takes the first job that `accept` wants. */
  take(accept: (job: Job) => boolean): Job | undefined {
    for (let i = 0; i < this.#jobs.length; i++) if (accept(this.#jobs.at(i)!)) return this.#takeAt(i);
    return undefined;
  }

  remove(job: Job): boolean {
    return this.take((other) => other === job) !== undefined;
  }

  /** Takes every job that `accept` wants, in order. */
  takeAll(accept: (job: Job) => boolean = () => true): Job[] {
    const taken: Job[] = [];
    for (let job = this.take(accept); job; job = this.take(accept)) taken.push(job);
    return taken;
  }

  /** The earliest deadline in the queue; `Infinity` where it is empty. */
  nextDeadline(): number {
    let next = Number.POSITIVE_INFINITY;
    for (let i = 0; i < this.#jobs.length; i++) next = Math.min(next, this.#jobs.at(i)!.queueDeadline);
    return next;
  }

  #takeAt(i: number): Job {
    this.#changes -= this.#changesAround(i);
    // A job has its input, up to `inputBytes`: what was taken is not kept.
    const job = this.#jobs.takeAt(i)!;
    if (job.parent) this.#nested--;
    return job;
  }

  /** By how many changes of tenant there are more with the job at `i` than without it. */
  #changesAround(i: number): number {
    const { tenant } = this.#jobs.at(i)!;
    const before = i > 0 ? this.#jobs.at(i - 1)!.tenant : undefined;
    const after = this.#jobs.at(i + 1)?.tenant;
    const here =
      Number(before !== undefined && before !== tenant) + Number(after !== undefined && after !== tenant);
    return here - Number(before !== undefined && after !== undefined && before !== after);
  }
}

function before(a: Job, b: Job): boolean {
  return a.priority > b.priority || (a.priority === b.priority && isEarlierJob(a.seq, b.seq));
}
