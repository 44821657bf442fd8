import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Search } from '../../src/resolver/search.js';
import { candidate } from './candidate.js';
import { longRun } from './long-run.js';
import { oracle, type Question } from './oracle.js';
import { question } from './random-universe.js';
import { sourceOf } from './universe.js';

async function solve(asked: Question): Promise<Record<string, string> | undefined> {
  const { universe, specs, engines, locked, loaded } = asked;
  const search = new Search(
    {
      specs: [],
      source: sourceOf(universe),
      ...(engines && { engines }),
      ...(locked && { locked }),
      loaded: Object.entries(loaded ?? {}).map(([name, version]) => ({
        candidate: candidate(name, version, universe[name]![version]),
      })),
    },
    Object.entries(specs)
      .map(([name, range]) => ({ name, range }))
      .sort((x, y) => (x.name < y.name ? -1 : 1)),
  );
  const { solved } = await search.run();
  if (solved === undefined) return undefined;
  return Object.fromEntries(solved.plugins.map((plugin) => [plugin.name, plugin.version(plugin.decided!)]));
}

test('the solver finds a set exactly where trying everything does, and the very set that is preferred', async () => {
  await fc.assert(
    fc.asyncProperty(question, async (asked) => {
      expect(await solve(asked)).toEqual(oracle(asked));
    }),
    longRun(2000),
  );
}, 3_600_000);
