import type { Incompatibility } from './incompatibility.js';
import type { Assignment } from './partial-solution.js';
import { full, type ValueSet } from './value-set.js';

/** Something to be settled: which version of a plugin, who stands in for a name, whether an optional plugin is taken. */
export class Variable {
  /** How many values there are, "absent" (0) included. */
  readonly size: number;
  readonly all: ValueSet;
  /** What has to be looked at again when fewer of its values are possible, roughly in the order in which it became known. */
  readonly watched: Incompatibility[] = [];
  /** The assignments of it that hold now, the oldest first. */
  readonly assignments: Assignment[] = [];
  /** The values that are still possible. */
  current: ValueSet;
  /** It is in the queue of those to be looked at again. */
  isWaiting = false;
  /** The value that was decided, if one is. */
  decided: number | undefined;

  constructor(size: number) {
    this.size = size;
    this.all = full(size);
    this.current = this.all;
  }
}
