// Run with: npx vitest bench --run test/bench/resolver.bench.ts
import { afterAll, bench, describe } from 'vitest';
import { resolve } from '../../src/resolver/resolve.js';
import { deep, diamonds, ecosystem, type Generated } from '../resolver/generated.js';
import { solveNaively } from '../resolver/naive.js';

/** After so many decisions the naive solver is stopped: it would take hours. */
const MAX_DECISIONS = 20_000;

const universes: readonly (readonly [title: string, universe: Generated])[] = [
  [
    '1 000 plugins × 30 versions, 10 dependencies each',
    ecosystem({ plugins: 1000, dependencies: 10, lag: 0, seed: 1 }),
  ],
  [
    'the same, 1 % of ranges a major behind',
    ecosystem({ plugins: 1000, dependencies: 10, lag: 0.01, seed: 1 }),
  ],
  ['deep backtracking, 20 × 10', deep(20, 10)],
  ['deep backtracking, 200 × 30', deep(200, 30)],
  ['wide diamonds, 5 × 6 × 8', diamonds(5, 6, 8)],
  ['wide diamonds, 20 × 20 × 20', diamonds(20, 20, 20)],
];

const work: Record<string, object> = {};
{
  // As a process meets it that resolves once and then runs: nothing is compiled, and no range has been read.
  const [title, { specs, source }] = universes[0]!;
  const begun = performance.now();
  await resolve({ specs, source });
  work[title] = { 'cold ms': Math.round(performance.now() - begun) };
}
afterAll(() => console.table(work));

for (const [title, universe] of universes) {
  describe(title, () => {
    bench(
      'Cordon',
      async () => {
        const { figures, order } = await resolve({ specs: universe.specs, source: universe.source });
        work[title] = { ...work[title], plugins: order.length, ...figures };
      },
      { iterations: 5, warmupIterations: 2, time: 0, warmupTime: 0 },
    );
    bench(
      'backtracking',
      () => {
        const { set, decisions } = solveNaively(universe, MAX_DECISIONS);
        work[title] = {
          ...work[title],
          naively: set === undefined ? `gave up after ${decisions}` : decisions,
        };
      },
      { iterations: 1, warmupIterations: 0, time: 0, warmupTime: 0 },
    );
  });
}
