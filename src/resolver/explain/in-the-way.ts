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
    for (const constraint of constraintsOf(fact, universe)) {
      const key = Object.values(constraint).join(' ');
      if (!found.has(key)) found.set(key, { constraint, fact });
    }
  }
  const rank = ({ constraint }: InTheWay): number => KINDS.indexOf(constraint.kind);
  return [...found].sort(([a, x], [b, y]) => rank(x) - rank(y) || (a < b ? -1 : 1)).map(([, entry]) => entry);
}

function constraintsOf<C extends Candidate>(fact: Fact, universe: Universe<C>): Constraint[] {
  switch (fact.kind) {
    case 'spec':
      return [{ kind: 'spec', name: fact.name }, ...heldBy(fact.name, universe)];
    case 'loaded':
      return [{ kind: 'loaded', name: fact.name }];
    case 'refused':
      return [{ kind: 'refused', name: fact.name, rule: fact.rule }];
    case 'link':
      return [{ kind: 'loaded', name: fact.provider }];
    case 'engine':
      return [{ kind: 'engine', engine: fact.engine }];
    case 'dependency':
      if (isMissing(fact.name, universe)) return [{ kind: 'missing', name: fact.name }];
      return [
        { kind: 'dependency', owner: fact.owner, name: fact.name },
        ...heldBy(fact.via ?? fact.name, universe),
      ];
    case 'conflict':
      return [{ kind: 'conflict', owner: fact.owner, name: fact.name }];
    case 'cycle':
      return [{ kind: 'cycle' }];
    case 'stand-in':
      return [];
  }
}

/** A plugin that is loaded leaves no other version to wish for, so a wish rests on that too. */
function heldBy<C extends Candidate>(name: string, universe: Universe<C>): Constraint[] {
  return universe.known(name)?.isLoaded === true ? [{ kind: 'loaded', name }] : [];
}

/** Nobody has the name, and nobody provides it. */
export function isMissing<C extends Candidate>(name: string, universe: Universe<C>): boolean {
  const plugin = universe.known(name);
  return plugin?.candidates.length === 0 && plugin.slot === undefined;
}
