/** So many steps in which something was used are kept one by one. */
const FEW = 8;

/**
 * What was used in each of the last steps of time. Nearly all plugins of a large host are called now and then: a few
 * steps are pairs in a list; who uses something in more of them has a place for each.
 */
export class RecentSteps {
  readonly #length: number;
  /** A step, what was used in it, a later step, … */
  #few: number[] = [];
  #all: Float64Array | undefined;

  /** @param length how many steps back it is looked */
  constructor(length: number) {
    this.#length = length;
  }

  add(step: number, used: number): void {
    if (this.#all) {
      this.#all[this.#place(step)]! += used;
      return;
    }
    const few = this.#few;
    // The last ones are those that are used most.
    for (let i = few.length - 2; i >= 0; i -= 2) {
      if (few[i] === step) {
        few[i + 1]! += used;
        return;
      }
    }
    if (few.length === 0) this.#few = [step, used];
    else if (few.length === 2 * FEW) this.#spread().add(step, used);
    else if (few.at(-2)! < step) few.push(step, used);
    else {
      let at = 0;
      while (few[at]! < step) at += 2;
      few.splice(at, 0, step, used);
    }
  }

  /** What was used in each step from `from` on and before `to`, written from the beginning of `into` on. */
  copy(from: number, to: number, into: Float64Array): void {
    const all = this.#all;
    if (all) {
      let place = this.#place(from);
      for (let i = 0; i < to - from; i++) {
        into[i] = all[place]!;
        if (++place === all.length) place = 0;
      }
      return;
    }
    into.fill(0, 0, to - from);
    for (let i = 0; i < this.#few.length; i += 2) {
      const step = this.#few[i]!;
      if (step >= from && step < to) into[step - from] = this.#few[i + 1]!;
    }
  }

  /** Forgets a step, so that its place is free for the one `length` later. */
  drop(step: number): void {
    if (this.#all) {
      this.#all[this.#place(step)] = 0;
      return;
    }
    for (let i = 0; i < this.#few.length; i += 2) {
      if (this.#few[i] !== step) continue;
      this.#few.splice(i, 2);
      return;
    }
  }

  get total(): number {
    let total = 0;
    if (this.#all) for (const used of this.#all) total += used;
    else for (let i = 1; i < this.#few.length; i += 2) total += this.#few[i]!;
    return total;
  }

  #spread(): this {
    this.#all = new Float64Array(this.#length);
    for (let i = 0; i < this.#few.length; i += 2) {
      this.#all[this.#place(this.#few[i]!)]! += this.#few[i + 1]!;
    }
    this.#few = [];
    return this;
  }

  /** Steps before the clock began are there as well. */
  #place(step: number): number {
    return ((step % this.#length) + this.#length) % this.#length;
  }
}
