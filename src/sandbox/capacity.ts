import { performance } from 'node:perf_hooks';
import type { CpuShare } from './cpu-share.js';
import { FairTurns } from './fair-turns.js';
import type { Failure } from './protocol.js';
import { WakeTimer } from './wake-timer.js';

/** Someone who waits until a call may run. */
export interface CapacityWaiter {
  /** There is room for one call. */
  onCapacity(): void;
  /** It has used more than its share: those that have not go first. */
  readonly isOverShare?: boolean;
}

/** What a call is expected to cost, or did, in milliseconds. */
export interface CallCost {
  /** How long it holds its place. */
  readonly durationMs: number;
  readonly cpuMs: number;
}

/** The least that a place costs: calls of no time at all are not for nothing. */
const LEAST_MS = 0.05;
/** The most processor time that is put down before it is used. */
const MOST_AHEAD_MS = 50;

/**
 * What is put down when a call begins, to be corrected at its end: not all of a long one, which would be a debt for what is
 * not used yet.
 */
export function aheadOf({ cpuMs }: CallCost): number {
  return Math.min(cpuMs, MOST_AHEAD_MS);
}

/**
 * What may run at a time in a whole host: so many calls, and no more than a share of the processor. Who finds no room is
 * asked again when it is its turn. Turns go by how long each has held places, so that a plugin that floods the host delays
 * itself and not the others.
 */
export class Capacity {
  readonly #limit: number;
  readonly #turns = new FairTurns<CapacityWaiter>();
  readonly #timer = new WakeTimer(() => this.#serve());
  /** What guests use of all cores. */
  readonly cpu: CpuShare;
  readonly #cores: number;
  #used = 0;
  /** Whose turn it is at this very moment, and whether it has taken its place. */
  #served: CapacityWaiter | undefined;
  #taken = false;

  /** @param cores that `cpu` is a share of */
  constructor(limit: number, cpu: CpuShare, cores = 1) {
    this.#limit = limit;
    this.cpu = cpu;
    this.#cores = cores;
  }

  get used(): number {
    return this.#used;
  }

  get limit(): number {
    return this.#limit;
  }

  /** Is there room for everybody who comes now? */
  isOpen(now = performance.now()): boolean {
    return this.#used < this.#limit && !this.isPaced(now);
  }

  /** Do calls wait because guests have used the processor for more than their share? */
  isPaced(now = performance.now()): boolean {
    return this.cpu.delayMs(now) > 0;
  }

  /** What is full at this moment, with the figures; undefined where there is room. */
  get refusal(): Failure | undefined {
    if (this.#used >= this.#limit) {
      return {
        code: 'ERR_BUSY',
        message: `${this.#used} calls of the host run; budget.concurrentCalls is ${this.#limit}.`,
        details: { limit: this.#limit, observed: this.#used },
      };
    }
    if (!this.isPaced()) return undefined;
    const observed = this.cpu.percent(performance.now()) / this.#cores;
    // 7 % is to be 7, and not 7.000000000000001.
    const limit = Number(((this.cpu.rate * 100) / this.#cores).toPrecision(12));
    return {
      code: 'ERR_BUSY',
      message: `Guests have used ${observed.toFixed(1)} % of the processor over the last 10 s; budget.cpuPercent is ${limit}.`,
      details: { limit, observed },
    };
  }

  /** Is there a place? The waiter is told later where there is none. */
  hasRoom(waiter: CapacityWaiter, now = performance.now()): boolean {
    if (this.#served === waiter) {
      if (!this.#taken) return true;
    } else if (this.#turns.size === 0 && this.isOpen(now)) return true;
    this.#turns.join(waiter);
    if (this.#served === undefined) this.#serve();
    return false;
  }

  /** Takes a place, also where there is none: a call on behalf of a running one must not wait for it. */
  take(waiter: CapacityWaiter, expected: CallCost, now = performance.now()): void {
    this.#used++;
    if (this.#served === waiter) this.#taken = true;
    this.#turns.charge(waiter, Math.max(expected.durationMs, LEAST_MS));
    this.cpu.use(aheadOf(expected), 0, now);
  }

  /** Gives a place back. `cost` is what the call cost, `expected` what was said when it took the place. */
  release(waiter: CapacityWaiter, expected: CallCost, cost: CallCost, now = performance.now()): void {
    this.#used--;
    this.#turns.charge(waiter, Math.max(cost.durationMs, LEAST_MS) - Math.max(expected.durationMs, LEAST_MS));
    this.cpu.use(cost.cpuMs - aheadOf(expected), cost.durationMs, now);
    this.#serve();
  }

  /** Is no longer interested. */
  forget(waiter: CapacityWaiter): void {
    this.#turns.forget(waiter);
    if (this.#turns.size === 0) this.#timer.stop();
  }

  /** Gives room to those that wait, one call each in turn. One may have nothing left to run; then it is the next one's turn. */
  #serve(): void {
    if (this.#served) return;
    while (this.#turns.size > 0) {
      const delayMs = this.cpu.delayMs(performance.now());
      if (delayMs > 0) this.#timer.in(delayMs);
      if (delayMs > 0 || this.#used >= this.#limit) return;
      const next = this.#turns.next((waiter) => waiter.isOverShare !== true) ?? this.#turns.next()!;
      this.#turns.leave(next);
      this.#served = next;
      this.#taken = false;
      try {
        next.onCapacity();
      } finally {
        this.#served = undefined;
      }
    }
  }
}
