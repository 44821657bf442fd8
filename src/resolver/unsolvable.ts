import { type CordonError, cordonError } from '../errors/cordon-error.js';
import { nearestName } from '../errors/nearest-name.js';
import type { BrokenOffer, Candidate } from './candidate.js';
import type { Constraint } from './constraint.js';
import { explain, factsOf } from './explain/explanation.js';
import { explanationText } from './explain/explanation-text.js';
import { explanationTree } from './explain/explanation-tree.js';
import { type InTheWay, inTheWay } from './explain/in-the-way.js';
import { solveWithout, suggest } from './explain/suggest.js';
import { listText } from './explain/version-text.js';
import type { CycleFact, EngineFact, Fact, RefusedFact } from './facts.js';
import type { ResolveRequest } from './request.js';
import type { Failed, Outcome } from './search.js';
import { formatSpec, type PluginSpec } from './spec.js';

/** The error for a request that cannot be met, with the code of what alone stands in the way. */
export async function unsolvable<C extends Candidate>(
  request: ResolveRequest<C>,
  specs: readonly PluginSpec[],
  { failure, universe, figures }: Outcome<C> & Failed<C>,
): Promise<CordonError> {
  const facts = factsOf(failure);
  const steps = explain(failure, (name) => universe.plugin(name));
  const obstacles = inTheWay(facts, universe);
  const trial = lighter(request, universe.mostVersions);
  const changes = await suggest(trial, specs, obstacles);
  const told = changes.map(({ text }) => text);
  const headline = `${listText(specs.map(formatSpec), 'and')} cannot be loaded${
    (request.loaded ?? []).length > 0 ? ' beside what is loaded' : specs.length > 1 ? ' together' : ''
  }.`;
  const explanation = explanationText(headline, steps, told, obstacles.map(obstacleText));
  const details = { specs: specs.map(formatSpec), tree: explanationTree(steps), changes: told, figures };

  const alone = async (isIt: (constraint: Constraint) => boolean): Promise<boolean> =>
    obstacles.some(({ constraint }) => isIt(constraint)) &&
    (await solveWithout(trial, specs, isIt)) !== undefined;
  const only = (kind: Constraint['kind']): Promise<boolean> =>
    alone((constraint) => constraint.kind === kind);

  for (const { id, code, details: more } of request.rules ?? []) {
    const isRule = (one: Constraint): boolean => one.kind === 'refused' && one.rule === id;
    if (code === undefined || !(await alone(isRule))) continue;
    const plugin = obstacles.find(({ constraint }) => isRule(constraint))!.fact as RefusedFact;
    return cordonError(code, explanation, {
      plugin: plugin.name,
      explanation,
      details: { ...details, ...more },
    });
  }
  if (await only('missing')) {
    const missing = facts.find((fact) => fact.kind === 'dependency' && universe.known(fact.name)?.size === 1);
    const { owner, name } = missing as Extract<Fact, { kind: 'dependency' }>;
    return notFound(request, name, `, which ${owner} needs,`, { explanation, details });
  }
  if (await only('engine')) {
    const { fact, text } = steps.find((step) => step.fact?.kind === 'engine')!;
    return engineError(fact as EngineFact, text, explanation, details);
  }
  if (await only('cycle')) {
    const { path } = facts.find((one): one is CycleFact => one.kind === 'cycle')!;
    const message = `Plugins depend on each other in a circle: ${path.join(' -> ')}. Publish a version of one of them that does without the next.`;
    return cordonError('ERR_CYCLE', message, { plugin: path[0], explanation, details: { ...details, path } });
  }
  return cordonError('ERR_RESOLUTION', explanation, { explanation, details });
}

/** Wrong turns times versions that a trial may take: about a second. */
const TRIAL_WORK = 500_000;

/** The same request for trials: a wrong turn costs the more, the more versions a plugin has. */
function lighter<C extends Candidate>(request: ResolveRequest<C>, mostVersions: number): ResolveRequest<C> {
  const { maxConflicts = Number.POSITIVE_INFINITY } = request;
  return { ...request, maxConflicts: Math.min(maxConflicts, Math.ceil(TRIAL_WORK / mostVersions)) };
}

/** The error for a name that nobody has. `owner` is put behind the name: who needs it. */
export async function notFound<C extends Candidate>(
  { source, signal }: ResolveRequest<C>,
  name: string,
  owner: string,
  more: { readonly explanation?: string; readonly details?: Readonly<Record<string, unknown>> } = {},
): Promise<CordonError> {
  const sources = source.sources.map(({ id }) => id);
  const [names, broken, providers] = await Promise.all([
    ignoreFailure(source.names({ signal })),
    ignoreFailure(source.broken(name, { signal })),
    ignoreFailure(source.providers(name, { signal })),
  ]);
  const nearest = nearestName(name, names);
  const searched = sources.length === 0 ? 'The catalog is empty' : `Searched: ${sources.join(', ')}`;
  const message = [
    `The plugin ${name}${owner} is in no catalog source.`,
    `${searched}.`,
    ...(providers.length > 0
      ? [`It is a name that ${listText(providers, 'and')} can stand in for; load that by its own name.`]
      : []),
    ...(nearest !== undefined ? [`Did you mean ${nearest}?`] : []),
    ...(broken[0] !== undefined ? [brokenText(broken[0])] : []),
  ].join(' ');
  return cordonError('ERR_NOT_FOUND', message, {
    plugin: name,
    cause: broken[0]?.error,
    ...(more.explanation !== undefined && { explanation: more.explanation }),
    details: { ...more.details, sources, ...(nearest !== undefined && { nearest }) },
  });
}

function brokenText({ origin, error }: BrokenOffer): string {
  return `${origin} should be it, and is broken: ${error.message}`;
}

/** Hints must not hide the error that they are for. */
async function ignoreFailure<T>(hints: Promise<readonly T[]>): Promise<readonly T[]> {
  return hints.catch(() => []);
}

function engineError(
  { name, engine, range, offered }: EngineFact,
  text: string,
  explanation: string,
  details: Readonly<Record<string, unknown>>,
): CordonError {
  return cordonError(
    'ERR_ENGINE',
    `This host does not fit: ${text}. Choose another version of the plugin, or upgrade the host.`,
    {
      plugin: name,
      explanation,
      details: { ...details, engine, range, ...(offered !== undefined && { offered }) },
    },
  );
}

function obstacleText({ constraint, fact }: InTheWay): string {
  switch (constraint.kind) {
    case 'spec':
      return `the spec ${fact.kind === 'spec' ? formatSpec(fact) : constraint.name}`;
    case 'loaded':
      return `${constraint.name}, which is loaded`;
    case 'refused':
      return `versions of ${constraint.name} that are not to be used`;
    case 'missing':
      return `${constraint.name}, which nobody has`;
    case 'engine':
      return `the host’s version of ${constraint.engine}`;
    case 'dependency':
      return `the range of ${constraint.owner} for ${constraint.name}`;
    case 'conflict':
      return `the conflict of ${constraint.owner} with ${constraint.name}`;
    case 'cycle':
      return 'the circle';
  }
}
