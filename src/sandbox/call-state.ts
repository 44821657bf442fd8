import { performance } from 'node:perf_hooks';
import type { MemoryRefusal } from './guest-memory.js';
import type { CallMessage, Failure } from './protocol.js';
import { shared } from './shared-clock.js';
import type { CpuMark, ThreadCpu } from './thread-cpu.js';

/** What is known of one run of a guest while it runs. Times are `performance.now()`. */
export class CallState {
  readonly seq: number;
  /** What runs, for messages: an export, or `start-up`. */
  readonly fn: string;
  readonly timeoutMs: number;
  readonly startedAt: number;
  readonly deadline: number;
  readonly fuelLimit: number;
  /** Fuel handed to the guest so far. */
  granted = 0;
  /** Milliseconds spent waiting for the host. */
  waitedMs = 0;
  /** Where the processor's time stood when it began, or went on last. */
  #cpu: CpuMark = NOT_BEGUN;
  /** What it used, and how long it was busy, before it was suspended last. */
  #cpuBefore = 0;
  #busyBefore = 0;
  #suspendedAt = 0;
  /** What it used in turns that are over, because it was suspended. */
  turnsMs = 0;
  /** Before this it cannot have used up `limits.cpuMs`. */
  cpuCheckAt = Number.POSITIVE_INFINITY;
  logBytes = 0;
  logLinesDropped = 0;
  /** What refused growth last; undefined where nothing did. */
  memoryRefused: MemoryRefusal | undefined;
  /** What the guest was refused by an error number; whatever it made of that, the run does not succeed. */
  denied: Failure | undefined;
  /** Set before the guest is made to trap. */
  stop: Failure | undefined;
  /** The code that the guest gave to `proc_exit`. */
  exitCode: number | undefined;
  #reported: Set<string> | undefined;

  constructor(seq: number, fn: string, timeoutMs: number, fuelLimit: number, startedAt = performance.now()) {
    this.seq = seq;
    this.fn = fn;
    this.timeoutMs = timeoutMs;
    this.fuelLimit = fuelLimit;
    this.startedAt = startedAt;
    this.deadline = this.startedAt + timeoutMs;
  }

  /** Begins, with so much processor time at most. */
  begin(cpu: ThreadCpu, cpuMs: number): this {
    this.#cpu = cpu.begin(this.startedAt);
    this.cpuCheckAt = this.startedAt + cpuMs;
    return this;
  }

  /** Its guest is suspended: what the thread does now is others'. What it used since it went on last. */
  suspended(cpu: ThreadCpu, now: number): number {
    const before = this.#cpuBefore;
    this.turnsMs = this.cpuEnd(cpu, now);
    this.#suspendedAt = now;
    return this.turnsMs - before;
  }

  /** Its guest goes on. */
  resumed(cpu: ThreadCpu, now: number): void {
    this.waitedMs += now - this.#suspendedAt;
    this.#cpu = cpu.begin(now);
  }

  /** Milliseconds of processor time so far. */
  cpuUsed(cpu: ThreadCpu, now: number): number {
    return this.#cpuBefore + cpu.used(this.#cpu, this.#busyMs(now) - this.#busyBefore, now);
  }

  /** The same at its end, or where it is suspended: it is charged. */
  cpuEnd(cpu: ThreadCpu, now: number): number {
    const busyMs = this.#busyMs(now);
    this.#cpuBefore += cpu.end(this.#cpu, busyMs - this.#busyBefore, now);
    this.#busyBefore = busyMs;
    return this.#cpuBefore;
  }

  /** Milliseconds by `now` that were not spent waiting. */
  #busyMs(now: number): number {
    return Math.max(0, now - this.startedAt - this.waitedMs);
  }

  /** True the first time that `what` is reported for this call: a flood of refusals is one violation. */
  firstReport(what: string): boolean {
    this.#reported ??= new Set();
    if (this.#reported.has(what)) return false;
    this.#reported.add(what);
    return true;
  }
}

const NOT_BEGUN: CpuMark = { reading: 0, charged: 0 };

/**
 * Since when a call that begins `now` counts as running, by the clock that all threads share. A host gives a fresh call its
 * start's time too. What the start has left of that is not the call's: it counts as passed.
 */
export function runsSince({ fresh }: CallMessage, now: number): number {
  const startMs = fresh?.startTimeoutMs ?? 0;
  return shared(now) - (Number.isFinite(startMs) ? startMs : 0);
}
