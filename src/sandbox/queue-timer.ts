import { performance } from 'node:perf_hooks';
import type { Job } from './job.js';
import type { JobQueue } from './job-queue.js';

/** One timer for a whole queue: takes out the jobs that waited past their deadline. */
export class QueueTimer {
  readonly #queue: JobQueue;
  readonly #onLate: (jobs: readonly Job[]) => void;
  #timer: NodeJS.Timeout | undefined;
  #dueAt = Number.POSITIVE_INFINITY;

  constructor(queue: JobQueue, onLate: (jobs: readonly Job[]) => void) {
    this.#queue = queue;
    this.#onLate = onLate;
  }

  /** A job with this deadline (by `performance.now()`) waits. */
  watch(deadline: number): void {
    if (deadline >= this.#dueAt || deadline === Number.POSITIVE_INFINITY) return;
    clearTimeout(this.#timer);
    this.#dueAt = deadline;
    const ms = Math.max(0, Math.ceil(deadline - performance.now()));
    this.#timer = setTimeout(() => this.#expire(), Math.min(ms, 2 ** 31 - 1));
    // What was sent already keeps its thread alive, and needs no timer for that.
    if (this.#queue.length === 0) this.#timer.unref();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#dueAt = Number.POSITIVE_INFINITY;
  }

  #expire(): void {
    this.#dueAt = Number.POSITIVE_INFINITY;
    const now = performance.now();
    this.#onLate(this.#queue.takeAll((waiting) => waiting.queueDeadline <= now));
    this.watch(this.#queue.nextDeadline());
  }
}
