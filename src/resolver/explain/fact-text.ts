import { type OptionVariable, SlotVariable } from '../choice-variables.js';
import type { ConflictFact, DependencyFact, EngineFact, Fact } from '../facts.js';
import { PluginVariable } from '../plugin-variable.js';
import type { Incompatibility, Term } from '../solver/incompatibility.js';
import type { ValueSet } from '../solver/value-set.js';
import { listText, type Noun, pluginText, versionText } from './version-text.js';

/** Ranges that are spelled out before the rest is only counted. */
const MAX_RANGES = 3;

/** What is known from somebody, as a clause without a full stop: `a 1.0.0 needs b ^2`. */
export function factText(
  fact: Fact,
  known: Incompatibility,
  lookup: (name: string) => PluginVariable,
): string {
  switch (fact.kind) {
    case 'spec':
      return `you ask for ${wanted(fact.name, fact.range)}${unmet(lookup(fact.name), lookup(fact.name).matching(fact.range))}`;
    case 'loaded':
      return `${fact.name} ${fact.version} is loaded and stays`;
    case 'dependency':
      return dependencyText(fact, known, lookup);
    case 'engine':
      return engineText(fact, subject(known, fact.name));
    case 'refused':
      return `${agree(subject(known, fact.name), 'is', 'are')} not to be used (${fact.reason})`;
    case 'conflict':
      return conflictText(fact, known, lookup);
    case 'stand-in':
      return fact.because === 'own dependency'
        ? `${fact.provider} cannot stand in for ${fact.name} for itself`
        : `${fact.provider} stands in for ${fact.name} only where the plugin ${fact.name} is absent`;
    case 'link':
      return `loaded plugins use ${fact.name} through ${fact.provider}`;
    case 'cycle':
      return `${listText([...new Set(fact.path)], 'and')} would wait for each other: ${fact.path.join(' -> ')}`;
  }
}

/** `b ^2`, and plain `b` where any release will do. */
export function wanted(name: string, range: string): string {
  return range === '*' || range === '' ? name : `${name} ${range}`;
}

function agree({ text, isPlural }: Noun, singular: string, plural: string): string {
  return `${text} ${isPlural ? plural : singular}`;
}

/** The versions of `name` that a fact is about; where its term says nothing any more, all of them. */
function subject(known: Incompatibility, name: string): Noun {
  const term = known.terms.find(
    ({ variable, set }) => variable instanceof PluginVariable && variable.name === name && (set & 1n) === 0n,
  );
  return term === undefined
    ? { text: name, isPlural: false }
    : pluginText(term.variable as PluginVariable, term.set);
}

/** Why a wish is hopeless: nobody has the plugin, or none of its versions is in the range. */
function unmet(plugin: PluginVariable, matching: ValueSet): string {
  if (matching !== 0n) return '';
  if (plugin.candidates.length === 0) return ', which no catalog source has';
  return `, and the only ${plugin.candidates.length === 1 ? 'version' : 'versions'} of ${plugin.name} ${
    plugin.candidates.length === 1 ? 'is' : 'are'
  } ${versionText(plugin, plugin.present, 'and')}`;
}

function dependencyText(
  fact: DependencyFact,
  known: Incompatibility,
  lookup: (name: string) => PluginVariable,
): string {
  const owner = subject(known, fact.owner);
  const verb = fact.optional ? agree(owner, 'can use', 'can use') : agree(owner, 'needs', 'need');
  const [range = '*'] = fact.ranges;
  const target = lookup(fact.name);
  const matching = fact.ranges.reduce((set, one) => set | target.matching(one), 0n);
  const slot = known.terms.find(({ variable }) => variable instanceof SlotVariable);
  if (fact.via !== undefined && slot !== undefined) return servedText(fact, known, verb, lookup);
  if (slot !== undefined) return `${verb} ${wanted(fact.name, range)}`;
  if (fact.ranges.length === 1) return `${verb} ${wanted(fact.name, range)}${unmet(target, matching)}`;
  const ranges = listText(fact.ranges, 'and', MAX_RANGES);
  return matching === 0n
    ? `${verb} ${fact.name} (${ranges})${unmet(target, matching)}`
    : `${verb} ${fact.name} ${versionText(target, matching)} (${ranges})`;
}

/** What a need for a name means for the plugin that serves it. */
function servedText(
  { name, ranges, via }: DependencyFact,
  known: Incompatibility,
  verb: string,
  lookup: (name: string) => PluginVariable,
): string {
  const server = lookup(via!);
  const denied = known.terms.find(({ variable }: Term) => variable === server);
  const fitting = server.present & ~(denied?.set ?? server.present);
  const need = `${verb} ${wanted(name, ranges[0]!)}`;
  if (via === name) {
    return fitting === 0n
      ? `${need}, which no version of ${name} itself is`
      : `${need}, which of ${name} itself ${versionText(server, fitting)} would be`;
  }
  return fitting === 0n
    ? `${need}, which no version of ${via} provides`
    : `${need}, which ${pluginText(server, fitting, 'or').text} could stand in for`;
}

function engineText({ engine, range, offered }: EngineFact, versions: Noun): string {
  const host = offered === undefined ? 'this host does not offer' : `this host offers in version ${offered}`;
  return `${agree(versions, 'needs', 'need')} the engine ${engine} ${range}, which ${host}`;
}

function conflictText(
  { owner, name, range, provider }: ConflictFact,
  known: Incompatibility,
  lookup: (name: string) => PluginVariable,
): string {
  const who = agree(subject(known, owner), 'conflicts', 'conflict');
  if (provider === undefined) return `${who} with ${wanted(name, range)}`;
  const other = lookup(provider);
  const hit = known.terms.find(({ variable }) => variable === other);
  return `${who} with ${wanted(name, range)}, which ${agree(pluginText(other, hit?.set ?? other.present), 'provides', 'provide')}`;
}

/** What an optional dependency is called in a sentence. */
export function optionText(option: OptionVariable): string {
  return `${option.name} for ${option.owner.name}`;
}
