import { CordonError } from '../errors/cordon-error.js';
import { askOnce } from './ask-once.js';
import { standsBeside } from './beside-loaded.js';
import type { Candidate } from './candidate.js';
import { relaxNothing } from './constraint.js';
import type { ResolveRequest } from './request.js';
import type { Resolution } from './resolution.js';
import { type Outcome, Search } from './search.js';
import { describeSet } from './settle.js';
import { checkSpec, type PluginSpec, parseSpec } from './spec.js';
import { notFound, unsolvable } from './unsolvable.js';

/**
 * Finds one version for each plugin that is asked for or needed, so that everything in every manifest holds. If there is
 * such a set, one is found; which one depends on nothing but the request and what the sources have.
 *
 * Of several sets the first in this order is taken: breadth first from the specs, by name, each plugin in its locked or
 * else newest version with which a complete set exists; names that others may stand in for are served by whom is in
 * the set anyway, or locked, or the plugin of that name, or else the first provider by name; optional dependencies come
 * last, and are dropped where what is needed leaves no room for them.
 *
 * Prereleases are used only where a range names one of the same version. For `engines` and `conflicts` they count by
 * their place in the order.
 *
 * @throws ERR_OPTIONS (a spec), ERR_NOT_FOUND, ERR_ENGINE or ERR_CYCLE (only that stands in the way), ERR_RESOLUTION
 * with `.explanation` and `details.tree`, ERR_ABORTED, and what a source throws.
 */
export async function resolve<C extends Candidate>(request: ResolveRequest<C>): Promise<Resolution<C>> {
  return resolveSpecs({ ...request, source: askOnce(request.source) }, readSpecs(request.specs));
}

async function resolveSpecs<C extends Candidate>(
  request: ResolveRequest<C>,
  specs: readonly PluginSpec[],
): Promise<Resolution<C>> {
  const outcome = await search(request, specs);
  const { figures, solved } = outcome;
  if (solved !== undefined) return Object.freeze({ ...describeSet(solved, specs), figures });
  const missing = specs.find(({ name }) => outcome.universe.plugin(name).candidates.length === 0);
  throw missing === undefined
    ? await unsolvable(request, specs, outcome)
    : await notFound(request, missing.name, '');
}

/** Searches, and where there is nothing to be found once more for the sake of the explanation. */
async function search<C extends Candidate>(
  request: ResolveRequest<C>,
  specs: readonly PluginSpec[],
): Promise<Outcome<C>> {
  const partial = await searchPartly(request, specs);
  if (partial !== undefined) return partial;
  const outcome = await new Search(request, specs).run();
  if (outcome.solved !== undefined) return outcome;
  try {
    const thorough = await new Search(request, specs, relaxNothing, { isThorough: true }).run();
    return thorough.solved === undefined ? thorough : outcome;
  } catch (error) {
    if (error instanceof CordonError && error.code === 'ERR_RESOLUTION') return outcome;
    throw error;
  }
}

/** What is found without looking at loaded plugins that nobody needs, where it is what would be found with them. */
async function searchPartly<C extends Candidate>(
  request: ResolveRequest<C>,
  specs: readonly PluginSpec[],
): Promise<Outcome<C> | undefined> {
  const { loaded = [], isPartial } = request;
  if (!isPartial || loaded.length === 0) return undefined;
  try {
    const outcome = await new Search(request, specs, relaxNothing, { isPartial }).run();
    return outcome.solved !== undefined && standsBeside(outcome.solved, loaded) ? outcome : undefined;
  } catch (error) {
    if (error instanceof CordonError && error.code === 'ERR_RESOLUTION') return undefined;
    throw error;
  }
}

/** One spec for each name and range, in an order that does not depend on that of the input. */
function readSpecs(inputs: ResolveRequest<Candidate>['specs']): PluginSpec[] {
  const specs = new Map<string, PluginSpec>();
  for (const input of inputs) {
    const spec = typeof input === 'string' ? parseSpec(input) : checkSpec(input);
    specs.set(`${spec.name} ${spec.range}`, spec);
  }
  return [...specs.keys()].sort().map((key) => specs.get(key)!);
}
