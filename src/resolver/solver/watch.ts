import type { Incompatibility, Term } from './incompatibility.js';
import { trueSince } from './partial-solution.js';
import { isWithin } from './value-set.js';
import type { Variable } from './variable.js';

/** What follows from an incompatibility now: a conflict, one term that must be false, or nothing. */
export type Conclusion = Term | 'conflict' | 'nothing';

/**
 * Lets the variables of an incompatibility watch it: all where there are one or two, else the two whose terms are not true
 * or became true last. Going back makes these false first, so that they never miss the moment when something follows.
 */
export function watch(added: Incompatibility): void {
  const { terms } = added;
  if (terms.length <= 2) {
    for (const { variable } of terms) variable.watched.push(added);
    return;
  }
  const since = terms.map(trueSince);
  let first = 0;
  for (let i = 1; i < terms.length; i++) if (since[i]! > since[first]!) first = i;
  let second = first === 0 ? 1 : 0;
  for (let i = 0; i < terms.length; i++) if (i !== first && since[i]! > since[second]!) second = i;
  added.watches = [first, second];
  terms[first]!.variable.watched.push(added);
  terms[second]!.variable.watched.push(added);
}

/** Whether the incompatibility is for others to watch from now on; then it is in their list, and to be taken from this one. */
export function handOver(known: Incompatibility, variable: Variable): boolean {
  const { terms, watches } = known;
  if (watches === undefined) return false;
  const mine = terms[watches[0]]!.variable === variable ? 0 : 1;
  const { set } = terms[watches[mine]]!;
  if (!isWithin(variable.current, set)) return false;
  for (let i = 0; i < terms.length; i++) {
    const other = terms[i]!;
    if (i === watches[0] || i === watches[1] || isWithin(other.variable.current, other.set)) continue;
    watches[mine] = i;
    other.variable.watched.push(known);
    return true;
  }
  return false;
}

/** Looks at all terms. By index: nothing else is done so often, and `for … of` takes V8 longer to compile. */
export function conclude({ terms }: Incompatibility): Conclusion {
  let open: Term | undefined;
  for (let i = 0; i < terms.length; i++) {
    const term = terms[i]!;
    const common = term.variable.current & term.set;
    if (common === 0n) return 'nothing';
    if (common === term.variable.current) continue;
    if (open !== undefined) return 'nothing';
    open = term;
  }
  return open ?? 'conflict';
}
