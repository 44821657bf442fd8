import type { Fact } from '../facts.js';
import { Derivation, type Incompatibility } from '../solver/incompatibility.js';

/**
 * Facts in the order in which a person would tell them: what is asked for, then what that needs, then what that needs in
 * turn; circles and conclusions at the end.
 */
export function readingOrder(premises: readonly Incompatibility[]): Incompatibility[] {
  const facts: Told[] = [];
  const last: Incompatibility[] = [];
  for (const known of premises) {
    if (known.cause instanceof Derivation || known.cause.kind === 'cycle') last.push(known);
    else facts.push({ known, ...mentions(known.cause) });
  }
  const introduced = new Set(facts.map(({ introduces }) => introduces));
  const ordered = new Set<Incompatibility>();
  const visited = new Set<string>();
  const follow = (start: Told): void => {
    const open = [start];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (ordered.has(next.known)) continue;
      const { subject, introduces: name } = next;
      ordered.add(next.known);
      // What else it says of the same belongs beside it.
      for (const fact of facts) {
        if (subject !== undefined && fact.subject === subject && fact.introduces === name)
          ordered.add(fact.known);
      }
      if (name === undefined || visited.has(name)) continue;
      visited.add(name);
      open.push(...facts.filter(({ subject }) => subject === name).reverse());
    }
  };
  for (const fact of facts) if (fact.subject === undefined) follow(fact);
  for (const fact of facts) if (!introduced.has(fact.subject)) follow(fact);
  for (const fact of facts) follow(fact);
  last.sort((a, b) => Number(a.cause instanceof Derivation) - Number(b.cause instanceof Derivation));
  return [...ordered, ...last];
}

interface Told {
  readonly known: Incompatibility;
  /** Whom the fact is about; absent for what the caller says. */
  readonly subject: string | undefined;
  /** Whom it brings in. */
  readonly introduces: string | undefined;
}

function mentions(fact: Fact): { subject: string | undefined; introduces: string | undefined } {
  switch (fact.kind) {
    case 'spec':
    case 'loaded':
      return { subject: undefined, introduces: fact.name };
    case 'dependency':
      return fact.via === undefined
        ? { subject: fact.owner, introduces: fact.name }
        : { subject: fact.name, introduces: fact.via === fact.name ? undefined : fact.via };
    case 'conflict':
      return { subject: fact.owner, introduces: undefined };
    case 'engine':
    case 'refused':
    case 'stand-in':
    case 'link':
      return { subject: fact.name, introduces: undefined };
    case 'cycle':
      return { subject: fact.path[0], introduces: undefined };
  }
}
