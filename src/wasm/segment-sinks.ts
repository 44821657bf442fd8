import { CHECK, type EditList } from './edit-list.js';

/**
 * Segments of a body that are charged elsewhere. Whoever runs a segment that leads straight to an `if` with two arms, or
 * to a `br_table` whose targets nothing else leads to, runs one of the arms, once: they are charged anyway and carry its
 * cost as well, so one charge is saved. Segments are named by their places in the list of edits; an arm's is always
 * behind the segment that led to it.
 */
export class SegmentSinks {
  private count = 0;
  /** By segment: its arms. */
  private readonly arms: (readonly number[] | undefined)[] = [];
  // About the `if` that the entry's segment leads to.
  private entryLevel = 0;
  private callsBefore = 0;
  private callsInFirst = 0;
  private callsInSecond = 0;

  clear(): void {
    this.count = 0;
    this.arms.length = 0;
    this.entryLevel = 0;
  }

  add(segment: number, arms: readonly number[]): void {
    this.arms[segment] = arms;
    this.count++;
  }

  /** The second arm of the entry's `if` begins; numbers of calls are counted from the start of the body. */
  entryArm(level: number, callsBefore: number, calls: number): void {
    this.entryLevel = level;
    this.callsBefore = callsBefore;
    this.callsInFirst = calls - callsBefore;
    this.callsInSecond = -1;
  }

  /** A block ends. */
  leave(level: number, calls: number): void {
    if (level !== this.entryLevel || this.callsInSecond >= 0) return;
    this.callsInSecond = calls - this.callsBefore - this.callsInFirst;
  }

  /** Moves the costs, outer segments first: what an arm gets it may hand on. */
  settle({ value }: EditList): void {
    if (this.count === 0) return;
    for (let segment = 0; segment < this.arms.length; segment++) {
      const arms = this.arms[segment];
      if (arms === undefined) continue;
      for (const arm of arms) value[arm]! += value[segment]!;
      value[segment] = 0;
    }
  }

  /** Has the counter looked at where the function begins, or only in those arms that need it. */
  checkEntry({ flag }: EditList, calls: number, isLong: boolean): void {
    const [first, second] = this.arms[0] ?? [];
    const inArms = this.entryLevel > 0 && this.callsInFirst + this.callsInSecond === calls;
    if (isLong || !inArms || this.callsBefore > 0) {
      flag[0] = CHECK.here;
      return;
    }
    if (this.callsInFirst > 0) flag[first!] = CHECK.here;
    if (this.callsInSecond > 0) flag[second!] = CHECK.here;
  }
}
