import type { Fact } from '../facts.js';
import type { ValueSet } from './value-set.js';
import type { Variable } from './variable.js';

/** "The variable has one of these values." */
export interface Term {
  readonly variable: Variable;
  readonly set: ValueSet;
}

/**
 * Terms that cannot all be true. It is known as a fact of the universe, or it follows from two others; with no terms at
 * all it says that there is no solution, and its causes say why.
 */
export interface Incompatibility {
  readonly terms: readonly Term[];
  readonly cause: Fact | Derivation;
  /**
   * The places of two terms, where there are more than two. As long as neither of these is true nothing follows, so only
   * their variables watch it. The solver moves them.
   */
  watches?: [number, number];
}

/** Two incompatibilities from which a third follows. */
export class Derivation {
  readonly left: Incompatibility;
  readonly right: Incompatibility;

  constructor(left: Incompatibility, right: Incompatibility) {
    this.left = left;
    this.right = right;
  }
}

/** A fact as an incompatibility. Terms that are always true say nothing and are left out. */
export function incompatibility(terms: readonly Term[], fact: Fact): Incompatibility {
  const says = ({ variable, set }: Term): boolean => set !== variable.all;
  return { terms: terms.every(says) ? terms : terms.filter(says), cause: fact };
}

/**
 * The rule of resolution. If `pivot` has a value of the left term, the rest of left cannot be; if one of the right term,
 * the rest of right cannot be; so if one of either, not both rests can be.
 */
export function derive(left: Incompatibility, right: Incompatibility, pivot: Variable): Incompatibility {
  const sets = new Map<Variable, ValueSet>();
  for (const { variable, set } of left.terms) sets.set(variable, set);
  for (const { variable, set } of right.terms) {
    const other = sets.get(variable);
    if (other === undefined) sets.set(variable, set);
    else sets.set(variable, variable === pivot ? other | set : other & set);
  }
  const terms: Term[] = [];
  for (const [variable, set] of sets) if (set !== variable.all) terms.push({ variable, set });
  return { terms, cause: new Derivation(left, right) };
}
