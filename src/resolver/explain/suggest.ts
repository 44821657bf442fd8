import { CordonError } from '../../errors/cordon-error.js';
import type { Candidate } from '../candidate.js';
import { type Constraint, relaxNothing } from '../constraint.js';
import type { ResolveRequest } from '../request.js';
import { Search, type Settled } from '../search.js';
import { formatSpec, type PluginSpec } from '../spec.js';
import type { VersionRule } from '../version-rule.js';
import { wanted } from './fact-text.js';
import type { InTheWay } from './in-the-way.js';

/** A change that was tried, and that is enough by itself. */
export interface Suggestion {
  readonly constraint: Constraint;
  readonly text: string;
}

/** Each trial is a search of its own; the sources have answered already. */
const MAX_TRIALS = 12;
const MAX_CONFLICTS = 500;
/** What the caller can change without anybody else. */
const AT_ONCE: ReadonlySet<Constraint['kind']> = new Set(['spec', 'loaded', 'refused']);

/** Tries what would happen without each constraint, and tells of the changes that would help. */
export async function suggest<C extends Candidate>(
  request: ResolveRequest<C>,
  specs: readonly PluginSpec[],
  obstacles: readonly InTheWay[],
): Promise<Suggestion[]> {
  const suggestions: Suggestion[] = [];
  const leaving: Suggestion[] = [];
  for (const obstacle of obstacles.slice(0, MAX_TRIALS)) {
    const settled = await solveWithout(request, specs, (constraint) =>
      isSame(constraint, obstacle.constraint),
    );
    if (settled !== undefined) {
      const text = suggestionText(obstacle, settled, specs, request.rules ?? []);
      suggestions.push({ constraint: obstacle.constraint, text });
    } else if (
      obstacle.constraint.kind === 'spec' &&
      (await wouldDo(request, specs, obstacle.constraint.name))
    ) {
      leaving.push({ constraint: obstacle.constraint, text: `Leave out ${obstacle.constraint.name}.` });
    }
  }
  const later = suggestions.findIndex(({ constraint }) => !AT_ONCE.has(constraint.kind));
  suggestions.splice(later < 0 ? suggestions.length : later, 0, ...leaving);
  return suggestions;
}

/** Whether the rest can be had where one plugin is not asked for. */
async function wouldDo<C extends Candidate>(
  request: ResolveRequest<C>,
  specs: readonly PluginSpec[],
  without: string,
): Promise<boolean> {
  const rest = specs.filter(({ name }) => name !== without);
  return rest.length > 0 && (await solveWithout(request, rest, relaxNothing)) !== undefined;
}

/** The set that there would be, if there would be one. A source that fails for the sake of a hint is no error. */
export async function solveWithout<C extends Candidate>(
  request: ResolveRequest<C>,
  specs: readonly PluginSpec[],
  relax: (constraint: Constraint) => boolean,
): Promise<Settled<C> | undefined> {
  try {
    const maxConflicts = Math.min(request.maxConflicts ?? MAX_CONFLICTS, MAX_CONFLICTS);
    return (await new Search({ ...request, maxConflicts }, specs, relax).run()).solved;
  } catch (error) {
    if (error instanceof CordonError && error.code === 'ERR_ABORTED') throw error;
    return undefined;
  }
}

function isSame(a: Constraint, b: Constraint): boolean {
  const values = Object.values(b);
  return Object.values(a).every((value, i) => value === values[i]);
}

function suggestionText<C extends Candidate>(
  { constraint, fact }: InTheWay,
  settled: Settled<C>,
  specs: readonly PluginSpec[],
  rules: readonly VersionRule<C>[],
): string {
  const candidateOf = (name: string): C | undefined => {
    const plugin = settled.plugins.find((one) => one.name === name);
    return plugin?.candidate(plugin.decided!);
  };
  const versionOf = (name: string): string | undefined => candidateOf(name)?.manifest.version;
  switch (constraint.kind) {
    case 'spec': {
      const { name } = constraint;
      const asked = specs.filter((spec) => spec.name === name).map(formatSpec);
      return `Ask for ${name}@${versionOf(name)} instead of ${asked.join(' and ')}.`;
    }
    case 'loaded': {
      const version = versionOf(constraint.name);
      return version === undefined
        ? `Unload ${constraint.name} first.`
        : `Unload ${constraint.name} first, or reload it to ${version}.`;
    }
    case 'refused': {
      const candidate = candidateOf(constraint.name);
      const rule = rules.find(({ id }) => id === constraint.rule);
      if (candidate !== undefined && rule?.remedy !== undefined) return rule.remedy(candidate);
      const reason = fact.kind === 'refused' ? ` (${fact.reason})` : '';
      return `Let ${constraint.name} ${versionOf(constraint.name) ?? ''} be used${reason}.`;
    }
    case 'missing':
      return `Add a plugin ${constraint.name} to the catalog.`;
    case 'engine': {
      const range = fact.kind === 'engine' ? fact.range : '*';
      return `Run a host that offers the engine ${wanted(constraint.engine, range)}.`;
    }
    case 'dependency': {
      const { owner, name } = constraint;
      return `Publish a version of ${owner} that accepts ${servedBy(settled, owner, name)}.`;
    }
    case 'conflict':
      return `Publish a version of ${constraint.owner} that goes together with ${constraint.name}.`;
    case 'cycle':
      return 'Publish a version of one of them that does without the next.';
  }
}

/** Who serves a dependency in a set: `b 2.0.0`, or `the renderer that fast 1.0.0 provides`. */
function servedBy<C extends Candidate>(settled: Settled<C>, owner: string, name: string): string {
  const plugin = settled.plugins.find((one) => one.name === owner);
  const links = plugin === undefined ? [] : settled.links.get(plugin)!;
  const to = links.find(({ requirement }) => requirement.name === name)?.to;
  if (to === undefined) return `a set without ${name}`;
  const served = `${to.name} ${to.version(to.decided!)}`;
  return to.name === name ? served : `the ${name} that ${served} provides`;
}
