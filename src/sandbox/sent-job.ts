import { performance } from 'node:perf_hooks';
import type { CallCost } from './capacity.js';
import type { InstanceSlot } from './instance-slot.js';
import type { Job, JobResult } from './job.js';
import { lateFailure } from './late-failure.js';
import type { DoneMessage, Failure, GuestSpec } from './protocol.js';
import type { SandboxThread } from './sandbox-thread.js';
import type { Work, WorkResult } from './work.js';

/** Who sends jobs and wants them back. */
export interface JobSender {
  readonly spec: GuestSpec;
  /** What its next call is expected to cost. */
  readonly pace: CallCost;
  /** The job came back, at `now` by `performance.now()`: it is over, or, without a result, was never begun and has to go elsewhere. */
  cameBack(sent: SentJob, result: JobResult | undefined, now: number): void;
  /** One that came back before has used so much of the processor. */
  usedLate(cpuMs: number): void;
}

/**
 * A job in a thread, with what it was expected to cost. It is the work that the thread knows, too: one object for each call,
 * where a call takes microseconds.
 */
export class SentJob implements Work, CallCost {
  readonly job: Job;
  readonly thread: SandboxThread;
  /** Where it runs; undefined where an instance is made for it. */
  readonly slot: InstanceSlot | undefined;
  readonly durationMs: number;
  readonly cpuMs: number;
  /** `performance.now()` of when it was sent. */
  readonly at: number;
  readonly timeoutMs: number;
  readonly soonestMs: number;
  readonly isMetered: boolean;
  isSettled = false;
  hasAsked = false;
  /** What an instance that is made for it counts as. */
  freshBytes = 0;
  within: number | undefined;
  /** Nobody waits for it any more: where it comes back and was not begun, it goes nowhere else. */
  isCancelled = false;
  /** Its guest waits for the host and its thread goes on. */
  isSuspended = false;
  /** It was when it came back. */
  wasSuspended = false;
  deadline: number | undefined;
  readonly #sender: JobSender;

  constructor(
    sender: JobSender,
    job: Job,
    thread: SandboxThread,
    at: number,
    slot?: InstanceSlot,
    /** Beside the job's own time. The thread begins to count anew when the instance has started: see `runsSince`. */
    startTimeoutMs = 0,
  ) {
    this.#sender = sender;
    this.job = job;
    this.thread = thread;
    this.slot = slot;
    this.at = at;
    this.durationMs = sender.pace.durationMs;
    this.cpuMs = sender.pace.cpuMs;
    this.timeoutMs = job.timeoutMs + startTimeoutMs;
    this.soonestMs = job.timeoutMs;
    this.isMetered = sender.spec.fuelExport !== undefined;
  }

  get spec(): GuestSpec {
    return this.#sender.spec;
  }

  /** Its caller gave up. */
  cancel(): void {
    this.isCancelled = true;
    this.thread.cancel(this.job.seq, this.isMetered);
  }

  onTimeout(): Failure {
    return lateFailure(this.job.fn, this.#sender.spec, this.job.timeoutMs);
  }

  settle(result: WorkResult, now: number): void {
    this.wasSuspended = this.isSuspended;
    this.#sender.cameBack(this, this.slot ? this.slot.ended(this.job, result, now) : jobResult(result), now);
  }

  endedLate({ figures }: DoneMessage): void {
    if (this.wasSuspended) this.#sender.usedLate(figures.cpuMs);
  }
}

/** What became of a job; undefined where it was never begun. */
export function jobResult(result: WorkResult): JobResult | undefined {
  if (result.kind === 'unstarted') return undefined;
  if (result.kind === 'lost') return { ok: false, failure: result.failure };
  const { message } = result;
  return message.failure ? { ok: false, failure: message.failure, message } : { ok: true, message };
}

/** Of a job that was never begun. */
export const NO_COST: CallCost = { durationMs: 0, cpuMs: 0 };

/**
 * A guest that had to be given up told nothing of what it used: all of its time, as far as anybody knows. One that was suspended did not use that, and
 * tells when it has ended.
 */
export function costOfLost({ at, job, wasSuspended }: SentJob): CallCost {
  const durationMs = Math.min(performance.now() - at, job.timeoutMs);
  return { durationMs, cpuMs: wasSuspended ? 0 : durationMs };
}
