import { OptionVariable, SlotVariable } from '../choice-variables.js';
import { PluginVariable } from '../plugin-variable.js';
import type { Term } from '../solver/incompatibility.js';
import { has, valuesOf } from '../solver/value-set.js';
import { optionText } from './fact-text.js';
import { listText, pluginText } from './version-text.js';

/** What follows, as a clause without a full stop: `a 1.0.0 to 1.2.0 cannot be used`, `a 1.0.0 needs b 2.0.0`. */
export function conclusionText(terms: readonly Term[]): string {
  if (terms.length === 0) return 'nothing can satisfy all of this';
  // A term that includes "absent" forbids absence: its complement is needed.
  const given = terms.filter(({ set }) => !has(set, 0));
  const needed = terms.filter(({ set }) => has(set, 0));
  if (given.length === 0) return `${needs(needed)} ${needed.length === 1 ? 'is' : 'are'} needed`;
  const option = given.find(({ variable }) => variable instanceof OptionVariable);
  const others = given.filter((term) => term !== option);
  if (option !== undefined && needed.length === 0 && others.every(isPlugin)) {
    const { name } = option.variable as OptionVariable;
    return `${name} cannot be taken along with ${subjectText(others)}`;
  }
  if (!given.every(isPlugin)) {
    const conditions = listText(given.map(condition), 'and');
    return needed.length === 0
      ? `it cannot be that ${conditions}`
      : `if ${conditions}, ${needs(needed)} is needed`;
  }
  const nouns = given.map(({ variable, set }) => pluginText(variable as PluginVariable, set));
  const subject = subjectText(given);
  if (needed.length === 0) {
    return nouns.length === 1 ? `${subject} cannot be used` : `${subject} cannot be used together`;
  }
  if (nouns.length > 1) return `${subject} together need ${needs(needed)}`;
  return `${subject} ${nouns[0]!.isPlural ? 'need' : 'needs'} ${needs(needed)}`;
}

function isPlugin({ variable }: Term): boolean {
  return variable instanceof PluginVariable;
}

function subjectText(terms: readonly Term[]): string {
  return listText(
    terms.map(({ variable, set }) => pluginText(variable as PluginVariable, set).text),
    'and',
  );
}

/** What is needed where none of the terms may be true: one of what they leave. */
function needs(terms: readonly Term[]): string {
  return listText(
    terms.map(({ variable, set }) => {
      const left = variable.all & ~set;
      if (variable instanceof PluginVariable) {
        return left === variable.present ? variable.name : pluginText(variable, left, 'or').text;
      }
      if (variable instanceof SlotVariable) return `${servers(variable, left)} for ${variable.name}`;
      return optionText(variable as OptionVariable);
    }),
    'or',
  );
}

function condition({ variable, set }: Term): string {
  if (variable instanceof PluginVariable) {
    const { text, isPlural } = pluginText(variable, set);
    return `${text} ${isPlural ? 'are' : 'is'} used`;
  }
  if (variable instanceof SlotVariable) {
    const itself = has(set, 1) && valuesOf(set).length === 1;
    return itself
      ? `${variable.name} itself serves`
      : `${servers(variable, set)} stands in for ${variable.name}`;
  }
  return `${optionText(variable as OptionVariable)} is taken along`;
}

function servers(slot: SlotVariable, set: bigint): string {
  const names = valuesOf(set).flatMap((value) => slot.plugin(value)?.name ?? []);
  return listText(names, 'or', 4);
}
