import type { Candidate } from '../candidate.js';
import type { Constraint } from '../constraint.js';
import type { Fact } from '../facts.js';
import type { Universe } from '../universe.js';

/** A constraint that a failure rests on, with one of the facts that it showed itself by. */
export interface InTheWay {
  readonly constraint: Constraint;
  readonly fact: Fact;
}

/** In which order changes are proposed: first what the caller can do at once, last what takes another release. */
const KINDS = ['spec', 'loaded', 'refused', 'missing', 'engine', 'dependency', 'conflict', 'cycle'] as const;

/** What could be changed, each once, the easiest first. */
export function inTheWay<C extends Candidate>(facts: readonly Fact[], universe: Universe<C>): InTheWay[] {
  const found = new Map<string, InTheWay>();
  for (const fact of facts) {
    const constraint = constraintOf(fact, universe);
    if (constraint === undefined) continue;
    const key = Object.values(constraint).join(' ');
    if (!found.has(key)) found.set(key, { constraint, fact });
  }
  const rank = ({ constraint }: InTheWay): number => KINDS.indexOf(constraint.kind);
  return [...found].sort(([a, x], [b, y]) => rank(x) - rank(y) || (a < b ? -1 : 1)).map(([, entry]) => entry);
}

function constraintOf<C extends Candidate>(fact: Fact, universe: Universe<C>): Constraint | undefined {
  switch (fact.kind) {
    case 'spec':
    case 'loaded':
    case 'refused':
      return { kind: fact.kind, name: fact.name };
    case 'link':
      return { kind: 'loaded', name: fact.provider };
    case 'engine':
      return { kind: 'engine', engine: fact.engine };
    case 'dependency':
      return isMissing(fact.name, universe)
        ? { kind: 'missing', name: fact.name }
        : { kind: 'dependency', owner: fact.owner, name: fact.name };
    case 'conflict':
      return { kind: 'conflict', owner: fact.owner, name: fact.name };
    case 'cycle':
      return { kind: 'cycle' };
    case 'stand-in':
      return undefined;
  }
}

/** Nobody has the name, and nobody provides it. */
export function isMissing<C extends Candidate>(name: string, universe: Universe<C>): boolean {
  return universe.known(name)?.candidates.length === 0 && universe.slot(name) === undefined;
}
