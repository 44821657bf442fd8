import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Candidate } from '../../src/resolver/candidate.js';
import type { LoadedPlugin, ResolveRequest } from '../../src/resolver/request.js';
import type { Resolution } from '../../src/resolver/resolution.js';
import { resolve } from '../../src/resolver/resolve.js';
import { longRun } from './long-run.js';
import { question } from './random-universe.js';
import { sourceOf } from './universe.js';

type Asked = Partial<ResolveRequest<Candidate>> & Pick<ResolveRequest<Candidate>, 'specs' | 'source'>;

const outcomeOf = async (request: Asked) => {
  try {
    return { found: await resolve(request) };
  } catch (error) {
    return { error: String(error) };
  }
};

const specsOf = (specs: Readonly<Record<string, string>>) =>
  Object.entries(specs).map(([name, range]) => ({ name, range }));

/** A resolution, as loaded. */
const loadedBy = ({ order }: Resolution<Candidate>): LoadedPlugin<Candidate>[] =>
  order.map(({ candidate, dependencies }) => ({
    candidate,
    links: Object.fromEntries(dependencies.map(({ name, plugin }) => [name, plugin])),
  }));

const ofInterest = ({ order }: Resolution<Candidate>, isWanted: (name: string) => boolean) =>
  order
    .filter(({ name, isLoaded }) => !isLoaded || isWanted(name))
    .map(({ name, version, isLoaded, dependencies }) => ({ name, version, isLoaded, dependencies }));

test('a partial resolution is the whole one without loaded plugins that have nothing to do with it', async () => {
  let left = 0;
  await fc.assert(
    fc.asyncProperty(question, question, async ({ universe, engines, locked, ...first }, second) => {
      const common = { source: sourceOf(universe), ...(engines && { engines }), ...(locked && { locked }) };
      const before = await outcomeOf({ ...common, specs: specsOf(first.specs) });
      if (!before.found) return;
      const request = { ...common, specs: specsOf(second.specs), loaded: loadedBy(before.found) };
      const [whole, partial] = [await outcomeOf(request), await outcomeOf({ ...request, isPartial: true })];
      expect(partial.error).toBe(whole.error);
      if (!whole.found || !partial.found) return;
      const kept = new Set(partial.found.order.map(({ name }) => name));
      left += whole.found.order.length - kept.size;
      expect(ofInterest(partial.found, () => true)).toEqual(
        ofInterest(whole.found, (name) => kept.has(name)),
      );
    }),
    longRun(3000),
  );
  expect(left).toBeGreaterThan(0);
}, 3_600_000);
