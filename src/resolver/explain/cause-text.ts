import { type OptionVariable, SlotVariable } from '../choice-variables.js';
import { PluginVariable } from '../plugin-variable.js';
import { ground } from '../solver/ground.js';
import type { Incompatibility, Term } from '../solver/incompatibility.js';
import type { Variable } from '../solver/variable.js';
import { conclusionText } from './conclusion-text.js';
import { explain } from './explanation.js';
import { optionText } from './fact-text.js';

/** More facts are not told one by one. */
const MAX_FACTS = 5;

/**
 * Why something was ruled out, as clauses: the facts, then the decisions that together with them left no room for it.
 * What is said of the variables in `about` is taken for granted.
 */
export function causeText(
  cause: Incompatibility,
  about: readonly Variable[],
  lookup: (name: string) => PluginVariable,
): string {
  const grounded = ground(cause, about);
  const facts = explain(grounded, lookup).filter(({ fact }) => fact !== undefined);
  if (facts.length > MAX_FACTS) return conclusionText(grounded.terms);
  const decided = grounded.terms.filter(({ variable }) => !about.includes(variable)).map(decisionText);
  return [...facts.map(({ text }) => text), ...decided].join('; ');
}

function decisionText({ variable }: Term): string {
  const value = variable.decided ?? 0;
  if (variable instanceof PluginVariable) {
    return value === 0 ? `${variable.name} is not used` : `${variable.name} is ${variable.version(value)}`;
  }
  if (variable instanceof SlotVariable) {
    return `${variable.plugin(value)?.name ?? 'nobody'} serves as ${variable.name}`;
  }
  return `${optionText(variable as OptionVariable)} is taken along`;
}
