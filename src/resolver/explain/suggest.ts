import { CordonError } from '../../errors/cordon-error.js';
import type { Candidate } from '../candidate.js';
import type { Constraint } from '../constraint.js';
import type { ResolveRequest } from '../request.js';
import { Search, type Settled } from '../search.js';
import type { PluginSpec } from '../spec.js';
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

/** Tries what would happen without each constraint, and tells of the changes that would help. */
export async function suggest<C extends Candidate>(
  request: ResolveRequest<C>,
  specs: readonly PluginSpec[],
  obstacles: readonly InTheWay[],
): Promise<Suggestion[]> {
  const suggestions: Suggestion[] = [];
  for (const obstacle of obstacles.slice(0, MAX_TRIALS)) {
    const settled = await solveWithout(request, specs, (constraint) =>
      isSame(constraint, obstacle.constraint),
    );
    if (settled === undefined) continue;
    suggestions.push({ constraint: obstacle.constraint, text: suggestionText(obstacle, settled, specs) });
  }
  return suggestions;
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
  { plugins }: Settled<C>,
  specs: readonly PluginSpec[],
): string {
  const versionOf = (name: string): string | undefined => {
    const plugin = plugins.find((one) => one.name === name);
    return plugin?.version(plugin.decided!);
  };
  switch (constraint.kind) {
    case 'spec': {
      const { name } = constraint;
      const asked = specs.filter((spec) => spec.name === name).map(({ range }) => `${name}@${range}`);
      return `Ask for ${name}@${versionOf(name)} instead of ${asked.join(' and ')}.`;
    }
    case 'loaded': {
      const version = versionOf(constraint.name);
      return version === undefined
        ? `Unload ${constraint.name} first.`
        : `Unload ${constraint.name} first, or reload it to ${version}.`;
    }
    case 'refused': {
      const reason = fact.kind === 'refused' ? ` (${fact.reason})` : '';
      return `Let ${constraint.name} ${versionOf(constraint.name)} be used${reason}.`;
    }
    case 'missing':
      return `Add a plugin ${constraint.name} to the catalog.`;
    case 'engine': {
      const range = fact.kind === 'engine' ? fact.range : '*';
      return `Run a host that offers the engine ${wanted(constraint.engine, range)}.`;
    }
    case 'dependency': {
      const { owner, name } = constraint;
      const version = versionOf(name);
      const other = version === undefined ? `does without ${name}` : `accepts ${name} ${version}`;
      return `Publish a version of ${owner} that ${other}.`;
    }
    case 'conflict':
      return `Publish a version of ${constraint.owner} that goes together with ${constraint.name}.`;
    case 'cycle':
      return 'Publish a version of one of them that does without the next.';
  }
}
