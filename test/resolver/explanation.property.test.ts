import fc from 'fast-check';
import semver from 'semver';
import { expect, test } from 'vitest';
import { ResolutionError } from '../../src/errors/cordon-error.js';
import type { ExplanationNode } from '../../src/resolver/explain/explanation-tree.js';
import type { Fact } from '../../src/resolver/facts.js';
import { resolve } from '../../src/resolver/resolve.js';
import { candidate } from './candidate.js';
import { longRun } from './long-run.js';
import { oracle, type Question } from './oracle.js';
import { question } from './random-universe.js';
import { sourceOf, type UniverseInput, type VersionInput } from './universe.js';

const RUN = longRun(600);

async function failureOf(asked: Question): Promise<ResolutionError | undefined> {
  const { universe, specs, engines, locked, loaded } = asked;
  try {
    await resolve({
      specs: Object.entries(specs).map(([name, range]) => ({ name, range })),
      source: sourceOf(universe),
      engines: engines ?? {},
      locked: locked ?? {},
      loaded: Object.entries(loaded ?? {}).map(([name, version]) => ({
        candidate: candidate(name, version, universe[name]![version]),
      })),
    });
    return undefined;
  } catch (error) {
    expect(error).toBeInstanceOf(ResolutionError);
    return error as ResolutionError;
  }
}

function leavesOf(node: ExplanationNode): ExplanationNode[] {
  return node.fact !== undefined ? [node] : (node.because ?? []).flatMap(leavesOf);
}

const versionsOf = (leaf: ExplanationNode, plugin: string): readonly string[] =>
  leaf.about?.find((subject) => subject.plugin === plugin)?.versions ?? [];

/** Whether the universe says what a leaf says. */
function isTrue(leaf: ExplanationNode, asked: Question): boolean {
  const { universe } = asked;
  const fact = leaf.fact!;
  const says = (plugin: string, claim: (input: VersionInput, version: string) => boolean): boolean => {
    const versions = versionsOf(leaf, plugin);
    return versions.length > 0 && versions.every((version) => claim(universe[plugin]![version]!, version));
  };
  switch (fact.kind) {
    case 'spec':
      return asked.specs[fact.name] === fact.range;
    case 'loaded':
      return asked.loaded?.[fact.name] === fact.version;
    case 'dependency':
      return says(fact.owner, ({ dependencies, optionalDependencies }) =>
        fact.ranges.includes((fact.optional ? optionalDependencies : dependencies)?.[fact.name] ?? ''),
      );
    case 'engine': {
      const offered = asked.engines?.[fact.engine];
      return (
        fact.offered === offered &&
        (offered === undefined || !semver.satisfies(offered, fact.range, { includePrerelease: true })) &&
        says(fact.name, ({ engines }) => engines?.[fact.engine] === fact.range)
      );
    }
    case 'refused':
      return says(fact.name, ({ yanked }) => fact.reason === `yanked: ${yanked}`);
    case 'conflict':
      return says(fact.owner, ({ conflicts }) => conflicts?.[fact.name] === fact.range);
    case 'stand-in':
      return Object.values(universe[fact.provider]!).some(
        ({ provides }) => provides?.[fact.name] !== undefined,
      );
    case 'cycle':
      return fact.path.every((name) => universe[name] !== undefined) && fact.path[0] === fact.path.at(-1);
    case 'link':
      return false;
  }
}

/** A universe that says nothing but what the leaves say; who provides what is left as it is. */
function onlyWhatIsSaid(asked: Question, leaves: readonly ExplanationNode[]): Question {
  const has = (test: (fact: Fact, leaf: ExplanationNode) => boolean): boolean =>
    leaves.some((leaf) => test(leaf.fact!, leaf));
  const keep = (record: Record<string, string> | undefined, isSaid: (key: string) => boolean) =>
    Object.fromEntries(Object.entries(record ?? {}).filter(([key]) => isSaid(key)));
  const universe: UniverseInput = Object.fromEntries(
    Object.entries(asked.universe).map(([plugin, versions]) => [
      plugin,
      Object.fromEntries(
        Object.entries(versions).map(([version, input]) => {
          const about = (leaf: ExplanationNode): boolean => versionsOf(leaf, plugin).includes(version);
          const said: VersionInput = {
            dependencies: keep(input.dependencies, (name) =>
              has(
                (fact, leaf) =>
                  (fact.kind === 'dependency' &&
                    fact.owner === plugin &&
                    fact.name === name &&
                    about(leaf)) ||
                  (fact.kind === 'stand-in' &&
                    fact.provider === plugin &&
                    fact.name === name &&
                    about(leaf)) ||
                  (fact.kind === 'cycle' && fact.path.includes(plugin)),
              ),
            ),
            conflicts: keep(input.conflicts, (name) =>
              has(
                (fact, leaf) =>
                  fact.kind === 'conflict' && fact.owner === plugin && fact.name === name && about(leaf),
              ),
            ),
            engines: keep(input.engines, (engine) =>
              has((fact, leaf) => fact.kind === 'engine' && fact.engine === engine && about(leaf)),
            ),
            provides: input.provides ?? {},
            ...(input.yanked !== undefined &&
              has((fact, leaf) => fact.kind === 'refused' && about(leaf)) && { yanked: input.yanked }),
          };
          return [version, said];
        }),
      ),
    ]),
  );
  return {
    ...asked,
    universe,
    specs: keep(asked.specs, (name) => has((fact) => fact.kind === 'spec' && fact.name === name)),
    loaded: keep(
      asked.loaded,
      (name) =>
        // A plugin that is loaded has no other version, which a fact about its versions tells along the way.
        has((fact) => ('name' in fact && fact.name === name) || ('via' in fact && fact.via === name)) ||
        has((fact) => fact.kind === 'conflict'),
    ),
  };
}

test('every leaf of an explanation is true, and the leaves alone leave no solution', async () => {
  let seen = 0;
  await fc.assert(
    fc.asyncProperty(question, async (asked) => {
      const error = await failureOf(asked);
      const tree = error?.details.tree as ExplanationNode | undefined;
      if (tree === undefined) return;
      seen++;
      const leaves = leavesOf(tree);
      for (const leaf of leaves) expect([leaf.text, isTrue(leaf, asked)]).toEqual([leaf.text, true]);
      expect(oracle(onlyWhatIsSaid(asked, leaves))).toBeUndefined();
    }),
    RUN,
  );
  expect(seen).toBeGreaterThan(RUN.numRuns / 10);
}, 3_600_000);

test('an explanation is numbered in order and refers back only', async () => {
  await fc.assert(
    fc.asyncProperty(question, async (asked) => {
      const error = await failureOf(asked);
      if (error?.details.tree === undefined) return;
      const lines = error.explanation.split('\n').filter((line) => /^ +\d+\. /.test(line));
      lines.forEach((line, i) => {
        expect(line.trimStart().startsWith(`${i + 1}. `)).toBe(true);
        const [, by = ''] = /So, by ([^,]*(?:, [\d ]+)*)/.exec(line) ?? [];
        for (const number of by.match(/\d+/g) ?? []) expect(Number(number)).toBeLessThan(i + 1);
      });
    }),
    RUN,
  );
}, 3_600_000);

function withoutEngines(universe: UniverseInput): UniverseInput {
  return Object.fromEntries(
    Object.entries(universe).map(([plugin, versions]) => [
      plugin,
      Object.fromEntries(Object.entries(versions).map(([version, { engines, ...rest }]) => [version, rest])),
    ]),
  );
}

test('ERR_ENGINE is said where engines alone stand in the way, and where they do it is not ERR_RESOLUTION', async () => {
  await fc.assert(
    fc.asyncProperty(question, async (asked) => {
      const error = await failureOf(asked);
      const isEngine = oracle({ ...asked, universe: withoutEngines(asked.universe) }) !== undefined;
      if (error?.code === 'ERR_ENGINE') expect(isEngine).toBe(true);
      if (error?.code === 'ERR_RESOLUTION') expect(isEngine).toBe(false);
    }),
    RUN,
  );
}, 3_600_000);

test('asking for what an explanation proposes helps', async () => {
  await fc.assert(
    fc.asyncProperty(question, async (asked) => {
      const error = await failureOf(asked);
      for (const change of (error?.details.changes ?? []) as string[]) {
        const [, name, version] = /^Ask for ([a-z]+)@(\S+) instead/.exec(change) ?? [];
        if (name === undefined || version === undefined) continue;
        expect(oracle({ ...asked, specs: { ...asked.specs, [name]: version } })).toBeDefined();
      }
    }),
    RUN,
  );
}, 3_600_000);
