import { performance } from 'node:perf_hooks';
import { aheadOf, type CallCost } from './capacity.js';
import type { CpuShare } from './cpu-share.js';

/** How much the last call counts in what is expected of the next. */
const WEIGHT = 0.2;

/** The share of the processor of one plugin, what its next call is expected to cost, and how long calls were held back. */
export class CallPace implements CallCost {
  readonly share: CpuShare;
  /** Expected of the next call, by the last ones. */
  durationMs = 0;
  cpuMs = 0;
  /** Is the share held where the processor has time to spare, too? */
  readonly #isCap: boolean;
  #heldSince: number | undefined;
  #heldMs = 0;

  constructor(share: CpuShare, isCap: boolean) {
    this.share = share;
    this.#isCap = isCap;
  }

  /** How long calls have to wait for the plugin's own share; 0 for not at all. */
  delayMs(now = performance.now()): number {
    return this.#isCap ? this.share.delayMs(now) : 0;
  }

  /** Has it used more than its share, whether or not it is held to it? */
  get isOver(): boolean {
    return this.share.delayMs(performance.now()) > 0;
  }

  /** For how long calls were held back so far, in milliseconds. */
  get heldMs(): number {
    return this.#heldSince === undefined ? this.#heldMs : this.#heldMs + performance.now() - this.#heldSince;
  }

  /** Are calls that could run held back now? */
  hold(isHeld: boolean): void {
    if (isHeld) this.#heldSince ??= performance.now();
    else if (this.#heldSince !== undefined) {
      this.#heldMs = this.heldMs;
      this.#heldSince = undefined;
    }
  }

  /** A call begins. All moments are `performance.now()`. */
  began(now: number): void {
    this.used(aheadOf(this), 0, now);
  }

  /** A call cost so much, and `expected` was what it was expected to. */
  ended({ durationMs, cpuMs }: CallCost, expected: CallCost, now: number): void {
    this.durationMs += WEIGHT * (durationMs - this.durationMs);
    this.cpuMs += WEIGHT * (cpuMs - this.cpuMs);
    this.used(cpuMs - aheadOf(expected), durationMs, now);
  }

  /** A call came back that was never begun. */
  takeBack(expected: CallCost, now: number): void {
    this.used(-aheadOf(expected), 0, now);
  }

  /** It used the processor, in a call or to start. */
  used(cpuMs: number, durationMs: number, now: number): void {
    this.share.use(cpuMs, durationMs, now);
  }
}
