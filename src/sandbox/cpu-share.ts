import { RecentSteps } from './recent-steps.js';

/** What is used is put down in steps of so much time, and the last hundred are kept. */
const STEP_MS = 100;
const STEPS = 100;
/** Over so long a share is looked at. */
const CPU_WINDOW_MS = STEP_MS * STEPS;
/** After a quiet time the share of so long may be used at once. */
const BURST_MS = 1_000;

/** How a debt changes from step to step, in milliseconds of processor time. */
interface DebtRule {
  /** What each step pays off. */
  readonly paid: number;
  /** Below zero: savings. */
  readonly least: number;
  readonly most: number;
}

/**
 * A share of the processor and what was used of it. What goes beyond the share is a debt, which is paid by waiting: at a
 * steady load each call waits a little, instead of all of them for the rest of the window. Over a long time no more than
 * the share is used; over any 10 s at most 1 s' worth more. A debt is at most 10 s' worth.
 *
 * What a long call used is put down as if evenly used while it ran: a call of 6 s at half the processor is no debt to a
 * share of one half. All moments are `performance.now()`.
 */
export class CpuShare {
  readonly rate: number;
  readonly #rule: DebtRule;
  #steps: RecentSteps | undefined;
  /** The step of this moment, counted since the clock began; it ends at `#endsAt`, and `#used` is what was used in it. */
  #step = 0;
  #endsAt = STEP_MS;
  #used = 0;
  /** The debt at the beginning of the oldest step, and of that of this moment; below zero are savings. */
  #first: number;
  #carried: number;

  /** @param rate milliseconds of processor time for each millisecond; `Infinity` for no limit, and then there is no debt */
  constructor(rate: number) {
    this.rate = rate;
    this.#rule = { paid: rate * STEP_MS, least: -rate * BURST_MS, most: rate * CPU_WINDOW_MS };
    this.#first = this.#carried = this.#rule.least;
  }

  /** So much was used during the last `durationMs`; less than nothing gives back what was put down too much. */
  use(cpuMs: number, durationMs: number, now: number): void {
    // Nearly always it lies within the step of this moment.
    if (now < this.#endsAt && now - durationMs >= this.#endsAt - STEP_MS) {
      this.#used += cpuMs;
      return;
    }
    this.#advance(now);
    const oldest = this.#step - STEPS + 1;
    const first = Math.max(0, oldest, Math.floor((now - durationMs) / STEP_MS));
    if (first >= this.#step) {
      this.#used += cpuMs;
      return;
    }
    const steps = this.#kept();
    const perMs = cpuMs / durationMs;
    for (let step = first; step <= this.#step; step++) {
      const from = Math.max(step * STEP_MS, now - durationMs);
      const to = Math.min((step + 1) * STEP_MS, now);
      // A moment may be a little older than the last one, and lie before the step of that.
      if (to <= from) continue;
      if (step === this.#step) this.#used += perMs * (to - from);
      else steps.add(step, perMs * (to - from));
    }
    this.#carried = this.#after(this.#first, this.#step - STEPS + 1, this.#step);
  }

  /** How long from now on nothing more should be used; 0 where there is something left. */
  delayMs(now: number): number {
    if (this.rate === Number.POSITIVE_INFINITY) return 0;
    if (this.rate === 0) return Number.POSITIVE_INFINITY;
    this.#advance(now);
    const debt = this.#carried + this.#used - this.rate * (now - this.#step * STEP_MS);
    return debt > 0 ? Math.min(debt / this.rate, CPU_WINDOW_MS) : 0;
  }

  /** What was used within the window that ends now, in percent of one core. */
  percent(now: number): number {
    this.#advance(now);
    const used = this.#used + (this.#steps?.total ?? 0);
    return Math.max(0, (used / CPU_WINDOW_MS) * 100);
  }

  #advance(now: number): void {
    if (now < this.#endsAt) return;
    const step = Math.floor(now / STEP_MS);
    this.#endsAt = (step + 1) * STEP_MS;
    if (this.#used !== 0) this.#kept().add(this.#step, this.#used);
    this.#used = 0;
    const steps = this.#steps;
    if (!steps) {
      this.#step = step;
      return;
    }
    if (step - this.#step >= 2 * STEPS) {
      this.#steps = undefined;
      this.#first = this.#carried = this.#rule.least;
      this.#step = step;
      return;
    }
    while (this.#step < step) {
      this.#carried = this.#after(this.#carried, this.#step, ++this.#step);
      const oldest = this.#step - STEPS;
      this.#first = this.#after(this.#first, oldest, oldest + 1);
      steps.drop(oldest);
    }
  }

  #kept(): RecentSteps {
    this.#steps ??= new RecentSteps(STEPS);
    return this.#steps;
  }

  /** What a debt at the beginning of step `from` has become at that of `to`. */
  #after(debt: number, from: number, to: number): number {
    // Without a limit there is none.
    if (this.rate === Number.POSITIVE_INFINITY) return 0;
    const { paid, least, most } = this.#rule;
    this.#kept().copy(from, to, USED);
    let now = debt;
    for (let i = 0; i < to - from; i++) now = Math.min(Math.max(now + USED[i]! - paid, least), most);
    return now;
  }
}

/** Room for what was used in each step. */
const USED = new Float64Array(STEPS);
