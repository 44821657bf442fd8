import { derive, type Incompatibility, type Term } from './incompatibility.js';
import type { Assignment } from './partial-solution.js';
import { isWithin } from './value-set.js';
import type { Variable } from './variable.js';

/** No explanation takes more; what is left then stays as it is. */
const MAX_STEPS = 1000;

/**
 * Why `cause` ruled something out, in terms of decisions: every term that was true because something followed is replaced
 * by what it followed from. Terms of the variables in `about` are left as they are.
 */
export function ground(cause: Incompatibility, about: readonly Variable[]): Incompatibility {
  let known = cause;
  for (let step = 0; step < MAX_STEPS; step++) {
    const latest = known.terms
      .filter((term) => !about.includes(term.variable))
      .map(satisfiedBy)
      .filter((assignment) => assignment?.cause !== undefined)
      .sort((a, b) => b!.order - a!.order)[0];
    if (latest?.cause === undefined) return known;
    known = derive(known, latest.cause, latest.variable);
  }
  return known;
}

function satisfiedBy({ variable, set }: Term): Assignment | undefined {
  return variable.assignments.find(({ after }) => isWithin(after, set));
}
