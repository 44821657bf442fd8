import type { Fact } from '../facts.js';
import { PluginVariable } from '../plugin-variable.js';
import { Derivation, type Incompatibility } from '../solver/incompatibility.js';
import { has, valuesOf } from '../solver/value-set.js';
import { conclusionText } from './conclusion-text.js';
import { factText } from './fact-text.js';
import { readingOrder } from './reading-order.js';

/** One line of an explanation: a fact, or what follows from earlier lines. */
export interface Step {
  /** From 1. */
  readonly line: number;
  readonly text: string;
  /** Absent for a conclusion. */
  readonly fact?: Fact;
  /** The plugins and versions that a fact is about. */
  readonly about?: readonly Subject[];
  /** The lines that a conclusion follows from. */
  readonly because: readonly number[];
}

export interface Subject {
  readonly plugin: string;
  readonly versions: readonly string[];
}

/** How deep conclusions are taken apart; what lies deeper is stated without its reasons. */
const MAX_DEPTH = 100;
/** How many steps an explanation may have before the rest is stated without reasons. */
const MAX_STEPS = 200;

/**
 * A derivation as a list that can be read from the top: facts as they are needed, then what follows. Where a chain of
 * conclusions is linear, only its facts and its end are told. What was told before is referred to by its line.
 */
export function explain(root: Incompatibility, lookup: (name: string) => PluginVariable): Step[] {
  const uses = countUses(root);
  const steps: Step[] = [];
  const lines = new Map<Incompatibility, number>();
  const byText = new Map<string, number>();

  const add = (known: Incompatibility, text: string, because: readonly number[], fact?: Fact): number => {
    const told = byText.get(text);
    const line = told ?? steps.length + 1;
    if (told === undefined) {
      steps.push({ line, text, because, ...(fact && { fact, about: subjects(known) }) });
      byText.set(text, line);
    }
    lines.set(known, line);
    return line;
  };

  const tell = (known: Incompatibility, depth: number): number => {
    const told = lines.get(known);
    if (told !== undefined) return told;
    if (!(known.cause instanceof Derivation)) {
      return add(known, factText(known.cause, known, lookup), [], known.cause);
    }
    const isTooMuch = depth > MAX_DEPTH || steps.length > MAX_STEPS;
    const because = isTooMuch
      ? []
      : readingOrder(premises(known, uses)).map((premise) => tell(premise, depth + 1));
    return add(
      known,
      conclusionText(known.terms),
      [...new Set(because)].sort((a, b) => a - b),
    );
  };

  tell(root, 0);
  return steps;
}

/** The facts and the separately told conclusions that lead to a conclusion. */
function premises(known: Incompatibility, uses: ReadonlyMap<Incompatibility, number>): Incompatibility[] {
  const found: Incompatibility[] = [];
  let at = known;
  while (at.cause instanceof Derivation) {
    const { left, right } = at.cause;
    const leftIsDerived = left.cause instanceof Derivation;
    const rightIsDerived = right.cause instanceof Derivation;
    if (leftIsDerived === rightIsDerived) {
      found.push(right, left);
      return found;
    }
    const [fact, rest] = leftIsDerived ? [right, left] : [left, right];
    found.push(fact);
    if (uses.get(rest)! > 1) {
      found.push(rest);
      return found;
    }
    at = rest;
  }
  return found;
}

function countUses(root: Incompatibility): ReadonlyMap<Incompatibility, number> {
  const uses = new Map<Incompatibility, number>();
  const open = [root];
  for (let known = open.pop(); known !== undefined; known = open.pop()) {
    const count = (uses.get(known) ?? 0) + 1;
    uses.set(known, count);
    if (count === 1 && known.cause instanceof Derivation) open.push(known.cause.left, known.cause.right);
  }
  return uses;
}

function subjects({ terms }: Incompatibility): Subject[] {
  return terms.flatMap(({ variable, set }) =>
    variable instanceof PluginVariable && !has(set, 0)
      ? [{ plugin: variable.name, versions: valuesOf(set).map((value) => variable.version(value)) }]
      : [],
  );
}

/** All facts that a derivation rests on, each once. */
export function factsOf(root: Incompatibility): Fact[] {
  const facts = new Set<Fact>();
  for (const known of countUses(root).keys()) {
    if (!(known.cause instanceof Derivation)) facts.add(known.cause);
  }
  return [...facts];
}
