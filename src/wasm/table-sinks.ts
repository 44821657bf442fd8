import type { SegmentSinks } from './segment-sinks.js';

/** A `br_table` that a segment leads straight to. */
interface Table {
  readonly segment: number;
  /** Targets whose blocks have not ended yet. */
  pending: number;
  readonly arms: number[];
  /** Something else leads to one of its targets as well. */
  isShared: boolean;
}

const NOTHING = undefined;
const SEVERAL = 'several';

/** Finds the tables whose targets are reached by nothing else: there, their segment can be charged in its arms. */
export class TableSinks {
  private readonly sinks: SegmentSinks;
  /** What branches to the block of each level. */
  private readonly by: (Table | typeof SEVERAL | undefined)[] = [];

  constructor(sinks: SegmentSinks) {
    this.sinks = sinks;
  }

  /** A block begins; `isPlain` where nothing gets behind its end but branches and falling through. */
  enter(level: number, isPlain: boolean): void {
    this.by[level] = isPlain ? NOTHING : SEVERAL;
  }

  /** A branch of another kind. */
  branch(target: number): void {
    const before = this.by[target];
    if (before !== NOTHING && before !== SEVERAL) before.isShared = true;
    this.by[target] = SEVERAL;
  }

  /** A table that `segment` leads straight to begins; its targets follow. */
  table(segment: number): Table {
    return { segment, pending: 0, arms: [], isShared: false };
  }

  target(table: Table, level: number): void {
    if (this.by[level] === table) return;
    if (this.by[level] === NOTHING) {
      this.by[level] = table;
      table.pending++;
    } else {
      table.isShared = true;
      this.branch(level);
    }
  }

  /** A block ends; `arm` is the segment that begins there, if nothing falls through to it. */
  leave(level: number, arm: number | undefined): void {
    const table = this.by[level];
    if (table === NOTHING || table === SEVERAL) return;
    if (arm === undefined) table.isShared = true;
    else table.arms.push(arm);
    if (--table.pending === 0 && !table.isShared) this.sinks.add(table.segment, table.arms);
  }
}
