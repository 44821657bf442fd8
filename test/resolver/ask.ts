import type { Candidate } from '../../src/resolver/candidate.js';
import type { ResolveRequest } from '../../src/resolver/request.js';
import type { Resolution } from '../../src/resolver/resolution.js';
import { resolve } from '../../src/resolver/resolve.js';
import { sourceOf, type UniverseInput } from './universe.js';

/** Resolves against a universe, for a host that offers `cordon` 0.1.0. */
export function ask(
  universe: UniverseInput,
  specs: ResolveRequest<Candidate>['specs'],
  more: Partial<ResolveRequest<Candidate>> = {},
): Promise<Resolution<Candidate>> {
  return resolve({ specs, source: sourceOf(universe), engines: { cordon: '0.1.0' }, ...more });
}

/** The set in its order, as `name@version`. */
export async function setOf(...question: Parameters<typeof ask>): Promise<string[]> {
  return (await ask(...question)).order.map(({ name, version }) => `${name}@${version}`);
}

export const needs = (dependencies: Record<string, string>) => ({ dependencies });
export const uses = (optionalDependencies: Record<string, string>) => ({ optionalDependencies });
