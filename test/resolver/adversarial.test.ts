import { describe, expect, test } from 'vitest';
import { resolve } from '../../src/resolver/resolve.js';
import { deep, diamonds, ecosystem, type Generated, pigeons } from './generated.js';
import { solveNaively } from './naive.js';

const solve = ({ specs, source }: Generated) => resolve({ specs, source });
const setOf = async (universe: Generated) =>
  new Map((await solve(universe)).order.map(({ name, version }) => [name, version]));

describe('a universe that takes backtracking exponential time', () => {
  test('by deep backtracking takes one decision for each plugin and one wrong turn', async () => {
    for (const width of [5, 50, 500]) {
      const { figures } = await solve(deep(width, 10));
      expect(figures).toEqual({ decisions: width + 3, conflicts: 1 });
    }
    const naive = [1, 2, 3, 4].map((width) => solveNaively(deep(width, 5), 100_000).decisions);
    naive.slice(1).forEach((decisions, i) => {
      expect(decisions).toBeGreaterThan(4 * naive[i]!);
    });
  });

  test('by wide diamonds takes at most a few decisions for each plugin', async () => {
    for (const width of [4, 8, 16]) {
      const { figures, order } = await solve(diamonds(width, width, width));
      expect(order).toHaveLength(width * (width + 1));
      expect(figures.decisions).toBeLessThan(3 * order.length);
      expect(figures.conflicts).toBeLessThan(order.length);
    }
    expect(solveNaively(diamonds(4, 4, 4), 10_000).set).toBeUndefined();
  });
});

describe('a universe of realistic shape', () => {
  test('is solved with few wrong turns', async () => {
    const { figures, order } = await solve(ecosystem({ plugins: 300, dependencies: 10, lag: 0.01, seed: 7 }));
    expect(order.length).toBeGreaterThan(100);
    expect(figures.conflicts).toBeLessThan(order.length);
  });

  test('gets the same set as by backtracking where that comes to an end', async () => {
    const universe = ecosystem({ plugins: 200, dependencies: 6, lag: 0, seed: 3 });
    expect(await setOf(universe)).toEqual(solveNaively(universe, 100_000).set);
  });
});

describe('a universe that is hard for every solver', () => {
  test('leaves the event loop its turns and ends when the caller has enough', async () => {
    const controller = new AbortController();
    const { specs, source } = pigeons(30);
    const asked = resolve({ specs, source, signal: controller.signal });
    let turns = 0;
    const timer = setInterval(() => {
      if (++turns === 3) controller.abort('enough');
    }, 1);
    await expect(asked).rejects.toMatchObject({ code: 'ERR_ABORTED', cause: 'enough' });
    clearInterval(timer);
  });

  test('is given up after the agreed number of wrong turns', async () => {
    const { specs, source } = pigeons(12);
    await expect(resolve({ specs, source, maxConflicts: 300 })).rejects.toMatchObject({
      code: 'ERR_RESOLUTION',
      details: { limit: 300, conflicts: 301 },
    });
  });

  test('has an explanation of bounded length', async () => {
    const { specs, source } = pigeons(7);
    const error: Error = await resolve({ specs, source }).then(
      () => expect.unreachable(),
      (reason) => reason,
    );
    expect(error.message).toContain('more steps');
    expect(error.message.split('\n').length).toBeLessThan(100);
  });
});
