import type { Incompatibility, Term } from './incompatibility.js';
import { isWithin, only, type ValueSet } from './value-set.js';
import type { Variable } from './variable.js';

/** One step: a decision, or what followed from an incompatibility. */
export interface Assignment {
  readonly variable: Variable;
  /** What this step says by itself. */
  readonly set: ValueSet;
  /** What is possible after it. */
  readonly after: ValueSet;
  /** How many decisions came before it and count for it. */
  readonly level: number;
  /** Grows with time. */
  readonly order: number;
  /** Why; absent for a decision. */
  readonly cause?: Incompatibility;
}

/** The assignment by which a term, or all terms of an incompatibility, became true. */
export interface Satisfier {
  readonly term: Term;
  readonly assignment: Assignment;
  /** The level at which all would already be true if only this assignment were added. */
  readonly previousLevel: number;
}

/** What has been decided and what followed, with the way back. */
export class PartialSolution {
  /** Decided variables in order; its length is the present level. */
  readonly decisions: Variable[] = [];
  #trail: Assignment[] = [];
  #order = 0;

  decide(variable: Variable, value: number): void {
    this.decisions.push(variable);
    variable.decided = value;
    this.#assign(variable, only(value), this.decisions.length, undefined);
  }

  /** Adds what follows from `cause`. At level 0 it holds for ever, also when later decisions are taken back. */
  derive(variable: Variable, set: ValueSet, cause: Incompatibility, level = this.decisions.length): void {
    this.#assign(variable, set, level, cause);
  }

  #assign(variable: Variable, set: ValueSet, level: number, cause: Incompatibility | undefined): void {
    const after = variable.current & set;
    const assignment: Assignment = {
      variable,
      set,
      after,
      level,
      order: this.#order++,
      ...(cause && { cause }),
    };
    variable.current = after;
    variable.assignments.push(assignment);
    this.#trail.push(assignment);
  }

  /** Takes back everything above `level`. */
  backtrack(level: number): void {
    for (const variable of this.decisions.splice(level)) variable.decided = undefined;
    const kept: Assignment[] = [];
    for (let last = this.#trail.at(-1); last !== undefined; last = this.#trail.at(-1)) {
      // What is below was there before, but for assignments of level 0, which may lie anywhere.
      if (last.level <= level && last.level > 0) break;
      this.#trail.pop();
      if (last.level === 0) {
        kept.push(last);
        continue;
      }
      const { variable } = last;
      variable.assignments.pop();
      variable.current = variable.assignments.at(-1)?.after ?? variable.all;
    }
    for (let last = kept.pop(); last !== undefined; last = kept.pop()) this.#trail.push(last);
  }

  /** For an incompatibility of which all terms are true: the assignment that made the last of them true. */
  satisfier(incompatibility: Incompatibility): Satisfier {
    let term: Term | undefined;
    let assignment: Assignment | undefined;
    let previousLevel = 0;
    for (const one of incompatibility.terms) {
      const candidate = firstWithin(one.variable, one.set);
      if (assignment === undefined || candidate.order > assignment.order) {
        if (assignment !== undefined) previousLevel = Math.max(previousLevel, assignment.level);
        term = one;
        assignment = candidate;
      } else previousLevel = Math.max(previousLevel, candidate.level);
    }
    const helper = levelBefore(term!, assignment!);
    return { term: term!, assignment: assignment!, previousLevel: Math.max(previousLevel, helper) };
  }
}

/** When a term became true; `Infinity` where it is not. */
export function trueSince({ variable, set }: Term): number {
  return isWithin(variable.current, set) ? firstWithin(variable, set).order : Number.POSITIVE_INFINITY;
}

function firstWithin(variable: Variable, set: ValueSet): Assignment {
  return variable.assignments.find((assignment) => isWithin(assignment.after, set))!;
}

/** The level of the earlier assignment without which `assignment` would not have made its term true; 0 where none is. */
function levelBefore(term: Term, assignment: Assignment): number {
  if (isWithin(assignment.set, term.set)) return 0;
  for (const earlier of term.variable.assignments) {
    if (isWithin(earlier.after & assignment.set, term.set)) return earlier.level;
  }
  return assignment.level;
}
