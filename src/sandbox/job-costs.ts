import { performance } from 'node:perf_hooks';
import type { CallPace } from './call-pace.js';
import type { CallCost, Capacity, CapacityWaiter } from './capacity.js';
import type { JobResult } from './job.js';
import type { Failure } from './protocol.js';
import { costOfLost, NO_COST, type SentJob } from './sent-job.js';
import { WakeTimer } from './wake-timer.js';

/** Whether a plugin's jobs may begin, and what they take and give back of its own share and of the host's budgets. */
export class JobCosts {
  readonly #pace: CallPace;
  readonly #capacity: Capacity;
  readonly #waiter: CapacityWaiter;
  readonly #timer: WakeTimer;

  /** @param waiter is woken when a job that might not begin may */
  constructor(pace: CallPace, capacity: Capacity, waiter: CapacityWaiter) {
    this.#pace = pace;
    this.#capacity = capacity;
    this.#waiter = waiter;
    this.#timer = new WakeTimer(() => waiter.onCapacity());
  }

  /** May a call begin, as far as the budgets of the host and the plugin's own share of the processor go? */
  mayBegin(now: number): boolean {
    const delayMs = this.#pace.delayMs(now);
    const may = delayMs === 0 && this.#capacity.hasRoom(this.#waiter, now);
    this.#pace.hold(!may && (delayMs > 0 || this.#capacity.isPaced(now)));
    if (delayMs > 0) this.#timer.in(delayMs, now);
    return may;
  }

  /** What is full at this moment; undefined where there is room, and where it is the plugin's own share that calls wait for. */
  get refusal(): Failure | undefined {
    return this.#pace.delayMs() > 0 ? undefined : this.#capacity.refusal;
  }

  /** It takes its place. */
  began({ at }: SentJob): void {
    this.#pace.began(at);
    this.#capacity.take(this.#waiter, this.#pace, at);
  }

  /** It came back, without a result where it was never begun: what it cost. */
  ended(sent: SentJob, result: JobResult | undefined, now: number): CallCost {
    const cost = result ? (result.message?.figures ?? costOfLost(sent)) : NO_COST;
    if (result) this.#pace.ended(cost, sent, now);
    else this.#pace.takeBack(sent, now);
    this.#capacity.release(this.#waiter, sent, cost, now);
    return cost;
  }

  /** A start used the processor. */
  used(cpuMs: number, durationMs: number): void {
    const now = performance.now();
    this.#pace.used(cpuMs, durationMs, now);
    this.#capacity.cpu.use(cpuMs, durationMs, now);
  }

  /** Nothing begins any more; those that are under way give back their places. */
  close(underWay: Iterable<SentJob>): void {
    this.#timer.stop();
    for (const sent of underWay) this.#capacity.release(this.#waiter, sent, sent);
    this.#capacity.forget(this.#waiter);
  }
}
