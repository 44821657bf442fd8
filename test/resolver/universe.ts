import type { Candidate, VersionSource } from '../../src/resolver/candidate.js';
import { candidate } from './candidate.js';

/** What a test says of one version; everything else is empty. */
export type VersionInput = Partial<Omit<Candidate['manifest'], 'name' | 'version'>> & {
  readonly yanked?: string;
};

/** `{ name: { version: { dependencies: … } } }`. */
export type UniverseInput = Readonly<Record<string, Readonly<Record<string, VersionInput>>>>;

/** A catalog of these plugins; `asked` has every name that was asked for, in order. */
export function sourceOf(universe: UniverseInput): VersionSource<Candidate> & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    sources: [{ id: 'memory' }],
    candidates: async (name) => {
      asked.push(name);
      return Object.entries(universe[name] ?? {}).map(([version, input]) => candidate(name, version, input));
    },
    providers: async (name) =>
      Object.keys(universe).filter((plugin) =>
        Object.values(universe[plugin]!).some((input) => Object.hasOwn(input.provides ?? {}, name)),
      ),
    names: async () => Object.keys(universe),
    broken: async () => [],
  };
}
