import type { Candidate, VersionSource } from './candidate.js';

/**
 * A source that is asked about each name once, however many searches a resolution takes: the one for a set, then those for
 * an explanation and its proposals. So all of them see the same, also where the source changes meanwhile.
 */
export function askOnce<C extends Candidate>(source: VersionSource<C>): VersionSource<C> {
  const candidates = new Map<string, Promise<readonly C[]>>();
  const providers = new Map<string, Promise<readonly string[]>>();
  return {
    sources: source.sources,
    candidates: (name, query) => memo(candidates, name, () => source.candidates(name, query)),
    providers: (name, query) => memo(providers, name, () => source.providers(name, query)),
    names: (query) => source.names(query),
    broken: (name, query) => source.broken(name, query),
  };
}

function memo<T>(answers: Map<string, Promise<T>>, name: string, ask: () => Promise<T>): Promise<T> {
  const known = answers.get(name);
  if (known !== undefined) return known;
  const answer = ask();
  answers.set(name, answer);
  return answer;
}
