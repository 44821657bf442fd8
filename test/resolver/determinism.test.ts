import { expect, test } from 'vitest';
import type { Candidate, VersionSource } from '../../src/resolver/candidate.js';
import { resolve } from '../../src/resolver/resolve.js';
import { CONFLICTS } from './conflicts.js';
import { ecosystem, random } from './generated.js';
import { sourceOf } from './universe.js';

type Shuffle = <T>(items: readonly T[]) => T[];

function shuffler(seed: number): Shuffle {
  const next = random(seed);
  return (items) => {
    const shuffled = [...items];
    for (let i = shuffled.length - 1; i > 0; i--) {
      const j = Math.floor(next() * (i + 1));
      [shuffled[i], shuffled[j]] = [shuffled[j]!, shuffled[i]!];
    }
    return shuffled;
  };
}

/** The same source with everything in another order, and answers that come in another order too. */
function shuffled(source: VersionSource<Candidate>, shuffle: Shuffle): VersionSource<Candidate> {
  const record = <T>(entries: Readonly<Record<string, T>>): Record<string, T> =>
    Object.fromEntries(shuffle(Object.entries(entries)));
  const later = async (): Promise<void> => {
    for (const _ of shuffle([1, 2, 3]).slice(0, shuffle([0, 1, 2, 3])[0])) await null;
  };
  return {
    ...source,
    sources: source.sources,
    candidates: async (name, query) => {
      const candidates = await source.candidates(name, query);
      await later();
      return shuffle(candidates).map(({ manifest, ...rest }) => ({
        ...rest,
        manifest: {
          ...manifest,
          engines: record(manifest.engines),
          dependencies: record(manifest.dependencies),
          optionalDependencies: record(manifest.optionalDependencies),
          conflicts: record(manifest.conflicts),
          provides: record(manifest.provides),
        },
      }));
    },
    providers: async (name, query) => shuffle(await source.providers(name, query)),
    names: async (query) => shuffle(await source.names(query)),
  };
}

test('the same set comes out of 100 runs with everything in another order', async () => {
  const { source, specs } = ecosystem({ plugins: 60, dependencies: 5, lag: 0.05, seed: 11 });
  const summary = async (shuffle: Shuffle) => {
    const { order, dropped, figures } = await resolve({
      specs: shuffle(specs),
      source: shuffled(source, shuffle),
    });
    return JSON.stringify({
      order: order.map(({ candidate: _, ...plugin }) => plugin),
      dropped,
      figures,
    });
  };
  const first = await summary((items) => [...items]);
  for (let seed = 1; seed <= 100; seed++) expect(await summary(shuffler(seed))).toBe(first);
});

test('the same explanation comes out of 10 runs with everything in another order', async () => {
  for (const { universe, specs, more } of CONFLICTS) {
    const explain = async (shuffle: Shuffle) => {
      const source = shuffled(sourceOf(universe), shuffle);
      const engines = { cordon: '0.1.0' };
      const loaded = shuffle(more?.loaded ?? []);
      return resolve({ engines, ...more, loaded, specs: shuffle(specs), source }).catch(
        (error: Error) => `${error.message}\n${(error as { explanation?: string }).explanation}`,
      );
    };
    const first = await explain((items) => [...items]);
    expect(first).toBeTypeOf('string');
    for (let seed = 1; seed <= 10; seed++) expect(await explain(shuffler(seed))).toBe(first);
  }
});
