import type { Job } from './job.js';
import { isEarlierJob } from './job-number.js';

/** Calls that wait for an instance: by priority, then in the order of their arrival. */
export class JobQueue {
  /** Those before the head were taken, and their places are empty. */
  readonly #jobs: (Job | undefined)[] = [];
  /** How often the tenant changes from one job to the next: 0 where all that wait are of one. */
  #changes = 0;
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
    let at = this.#jobs.length;
    while (at > this.#head && before(job, this.#jobs[at - 1]!)) at--;
    if (at === this.#jobs.length) this.#jobs.push(job);
    else this.#jobs.splice(at, 0, job);
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
    this.#changes -= this.#changesAround(i);
    if (i === this.#head) this.#dropHead();
    else this.#jobs.splice(i, 1);
    return job;
  }

  /** By how many changes of tenant there are more with the job at `i` than without it. */
  #changesAround(i: number): number {
    const { tenant } = this.#jobs[i]!;
    const before = i > this.#head ? this.#jobs[i - 1]!.tenant : undefined;
    const after = this.#jobs[i + 1]?.tenant;
    const here =
      Number(before !== undefined && before !== tenant) + Number(after !== undefined && after !== tenant);
    return here - Number(before !== undefined && after !== undefined && before !== after);
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
