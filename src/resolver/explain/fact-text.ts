import { type OptionVariable, SlotVariable } from '../choice-variables.js';
import type { ConflictFact, DependencyFact, EngineFact, Fact, RefusedFact } from '../facts.js';
import { PluginVariable } from '../plugin-variable.js';
import type { Incompatibility, Term } from '../solver/incompatibility.js';
import type { ValueSet } from '../solver/value-set.js';
import { listText, type Noun, pluginText, versionText } from './version-text.js';

/** Ranges that are spelled out before the rest is only counted. */
const MAX_RANGES = 3;
/** Versions that are listed one by one before the rest is only counted. */
const MAX_VERSIONS = 6;

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
      return refusedText(fact, subject(known, fact.name));
    case 'conflict':
      return conflictText(fact, known, lookup);
    case 'stand-in':
      return fact.because === 'own dependency'
        ? `${agree(subject(known, fact.provider), 'needs', 'need')} ${fact.name} and cannot stand in for it alone`
        : `${fact.provider} stands in for ${fact.name} only where the plugin ${fact.name} is absent`;
    case 'link':
      return `loaded plugins use ${fact.name} through ${fact.provider}`;
    case 'cycle':
      if (fact.path.length === 2)
        return agree(subject(known, fact.path[0]!), 'needs itself', 'need themselves');
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

/** Why a wish is hopeless: nobody has the plugin, it is loaded in another version, or no version is in the range. */
function unmet(plugin: PluginVariable, matching: ValueSet): string {
  const { candidates, name, isLoaded } = plugin;
  if (matching !== 0n) return '';
  if (candidates.length === 0) return ', which no catalog source has';
  const versions = candidates.map(({ manifest }) => manifest.version);
  if (isLoaded) return `, and ${name} ${versions[0]} is loaded and stays`;
  return versions.length === 1
    ? `, and the only version of ${name} is ${versions[0]}`
    : `, and the versions of ${name} are ${listText(versions, 'and', MAX_VERSIONS)}`;
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
  if (fact.via !== undefined) return servedText(fact, known, lookup);
  if (slot !== undefined) return `${verb} ${wanted(fact.name, range)}`;
  if (fact.ranges.length === 1) return `${verb} ${wanted(fact.name, range)}${unmet(target, matching)}`;
  const ranges = listText(fact.ranges, 'and', MAX_RANGES);
  return matching === 0n
    ? `${verb} ${fact.name} (${ranges})${unmet(target, matching)}`
    : `${verb} ${fact.name} ${versionText(target, matching)} (${ranges})`;
}

/** Which versions of the plugin that might serve a name are good enough. */
function servedText(
  { name, ranges, via }: DependencyFact,
  known: Incompatibility,
  lookup: (name: string) => PluginVariable,
): string {
  const server = lookup(via!);
  const denied = known.terms.find(({ variable }: Term) => variable === server);
  const fitting = server.present & ~(denied?.set ?? server.present);
  const range = ranges[0]!;
  const isOwn = via === name;
  if (server.isLoaded && fitting === 0n) {
    const not = isOwn ? `is not in ${range}` : `does not provide ${wanted(name, range)}`;
    return `${via} ${server.version(1)} is loaded and ${not}`;
  }
  if (isOwn && server.candidates.length === 0) return `there is no plugin ${name} itself`;
  const what = wanted(name, range);
  if (fitting === 0n) {
    return isOwn ? `no version of ${name} itself is in ${range}` : `no version of ${via} provides ${what}`;
  }
  if (fitting === server.present) {
    const versions = pluginText(server, fitting);
    return isOwn
      ? agree(versions, `is ${what}`, `are ${what}`)
      : agree(versions, `provides ${what}`, `provide ${what}`);
  }
  const { isPlural } = pluginText(server, fitting);
  const verb = isOwn ? (isPlural ? 'are' : 'is') : isPlural ? 'provide' : 'provides';
  return `of ${via} only ${versionText(server, fitting, 'and')} ${verb} ${what}`;
}

function refusedText({ reason, verb }: RefusedFact, versions: Noun): string {
  if (verb === undefined) return `${agree(versions, 'is', 'are')} not to be used (${reason})`;
  const every = /^every (version of .*)$/.exec(versions.text)?.[1];
  // "Every version is not signed" could mean that some are.
  if (every !== undefined && reason.startsWith('not ')) return `no ${every} ${verb} ${reason.slice(4)}`;
  return `${agree(versions, verb, verb === 'is' ? 'are' : 'were')} ${reason}`;
}

function engineText({ engine, range, offered }: EngineFact, versions: Noun): string {
  const host = offered === undefined ? 'this host does not offer it' : `this host offers ${offered}`;
  return `${agree(versions, 'needs', 'need')} the engine ${wanted(engine, range)}, and ${host}`;
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
