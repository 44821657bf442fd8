import type { Job } from './job.js';
import { isEarlierJob } from './job-number.js';

/** Calls that wait for an instance: by priority, then in the order of their arrival. */
export class JobQueue {
  /** Those before the head were taken, and their places are empty. */
  readonly #jobs: (Job | undefined)[] = [];
  /** How many jobs of each tenant wait. */
  readonly #waiting = new Map<string, number>();
  #head = 0;
  #nested = 0;

  /** Jobs on behalf of a call that waits for them. */
  get nested(): number {
    return this.#nested;
  }

  get length(): number {
    return this.#jobs.length - this.#head;
  }

  /** The one that comes first; undefined where none waits. */
  get first(): Job | undefined {
    return this.#jobs[this.#head];
  }

  /** Puts a job where it belongs; one that comes back keeps its place. */
  add(job: Job): void {
    if (job.parent) this.#nested++;
    this.#waiting.set(job.tenant, (this.#waiting.get(job.tenant) ?? 0) + 1);
    let at = this.#jobs.length;
    while (at > this.#head && before(job, this.#jobs[at - 1]!)) at--;
    if (at === this.#jobs.length) this.#jobs.push(job);
    else this.#jobs.splice(at, 0, job);
  }

  /** Whose jobs wait, in the order of their first ones, and how many of each. */
  tenants(): ReadonlyMap<string, number> {
    // With one tenant there is no order to find out; the queue may be long, and this is asked after every call.
    if (this.#waiting.size <= 1) return this.#waiting;
    const waiting = new Map<string, number>();
    for (let i = this.#head; i < this.#jobs.length; i++) {
      const { tenant } = this.#jobs[i]!;
      waiting.set(tenant, (waiting.get(tenant) ?? 0) + 1);
    }
    return waiting;
  }

  /** Takes the first job. */
  shift(): Job | undefined {
    return this.first && this.#takeAt(this.#head);
  }

  /** Takes the first job that `accept` wants. */
  take(accept: (job: Job) => boolean): Job | undefined {
    for (let i = this.#head; i < this.#jobs.length; i++) if (accept(this.#jobs[i]!)) return this.#takeAt(i);
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
    for (let i = this.#head; i < this.#jobs.length; i++) {
      next = Math.min(next, this.#jobs[i]!.queueDeadline);
    }
    return next;
  }

  #takeAt(i: number): Job {
    const job = this.#jobs[i]!;
    if (job.parent) this.#nested--;
    this.#forget(job.tenant);
    if (i === this.#head) this.#dropHead();
    else this.#jobs.splice(i, 1);
    return job;
  }

  #forget(tenant: string): void {
    const left = (this.#waiting.get(tenant) ?? 0) - 1;
    if (left > 0) this.#waiting.set(tenant, left);
    else this.#waiting.delete(tenant);
  }

  // Shifting an array of thousands for every call is quadratic; the head moves, and the array is cut now and then.
  #dropHead(): void {
    // A job has its input, up to `inputBytes`: what was taken must not be kept until the array is cut.
    this.#jobs[this.#head++] = undefined;
    if (this.#head === this.#jobs.length) {
      this.#jobs.length = 0;
      this.#head = 0;
    } else if (this.#head > 256 && this.#head * 2 > this.#jobs.length) {
      this.#jobs.splice(0, this.#head);
      this.#head = 0;
    }
  }
}

function before(a: Job, b: Job): boolean {
  return a.priority > b.priority || (a.priority === b.priority && isEarlierJob(a.seq, b.seq));
}
