import semver, { type Comparator, type SemVer } from 'semver';
import { between, only, type ValueSet } from './solver/value-set.js';

/** Nobody writes longer ranges, and parsing one costs time in proportion. */
const MAX_RANGE_LENGTH = 1024;

/** What was parsed, by its text, until there is too much of it. */
class Parsed<T> {
  readonly #kept = new Map<string, T>();
  readonly #parse: (text: string) => T;

  constructor(parse: (text: string) => T) {
    this.#parse = parse;
  }

  get(text: string): T {
    const known = this.#kept.get(text);
    if (known !== undefined || this.#kept.has(text)) return known as T;
    const parsed = this.#parse(text);
    if (this.#kept.size >= 10_000) this.#kept.clear();
    this.#kept.set(text, parsed);
    return parsed;
  }
}

const ranges = new Parsed((text): semver.Range | undefined => {
  try {
    return text.length > MAX_RANGE_LENGTH ? undefined : new semver.Range(text);
  } catch {
    return undefined;
  }
});
const versions = new Parsed((text) => new semver.SemVer(text));

/** A range by npm's rules; `undefined` where the text is none. */
export function parseRange(text: string): semver.Range | undefined {
  return ranges.get(text);
}

/** A version that is known to be one. */
export function parseVersion(text: string): SemVer {
  return versions.get(text);
}

/** The versions of one plugin, newest first: the first has value 1, because 0 is "absent". */
export class VersionList {
  readonly versions: readonly SemVer[];
  readonly #prereleases: readonly number[];

  constructor(newestFirst: readonly SemVer[]) {
    this.versions = newestFirst;
    const prereleases: number[] = [];
    newestFirst.forEach((version, i) => {
      if (version.prerelease.length > 0) prereleases.push(i);
    });
    this.#prereleases = prereleases;
  }

  /**
   * The versions in a range, as `semver.satisfies` finds them one by one. `prereleases: 'all'` also takes those that the
   * range does not name, as `includePrerelease` does.
   */
  matching(text: string, prereleases: 'named' | 'all' = 'named'): ValueSet {
    const range = parseRange(text);
    if (range === undefined) return 0n;
    if (prereleases === 'all') return this.#oneByOne(new semver.Range(text, { includePrerelease: true }));
    let set = 0n;
    for (const comparators of range.set) set |= this.#interval(comparators);
    for (const i of this.#prereleases) {
      if ((set & only(i + 1)) !== 0n && !range.test(this.versions[i]!)) set ^= only(i + 1);
    }
    return set;
  }

  #oneByOne(range: semver.Range): ValueSet {
    let set = 0n;
    this.versions.forEach((version, i) => {
      if (range.test(version)) set |= only(i + 1);
    });
    return set;
  }

  /** Comparators that must all hold leave one run of the ordered versions, found by bisection. */
  #interval(comparators: readonly Comparator[]): ValueSet {
    let first = 0;
    let end = this.versions.length;
    for (const { operator, semver: bound } of comparators) {
      // The comparator of `*` has no version.
      if (!(bound instanceof semver.SemVer)) continue;
      if (operator !== '>' && operator !== '>=') {
        const above = operator === '<' ? this.#count(bound, 0) : this.#count(bound, 1);
        first = Math.max(first, above);
      }
      if (operator !== '<' && operator !== '<=') {
        end = Math.min(end, operator === '>' ? this.#count(bound, 1) : this.#count(bound, 0));
      }
    }
    return between(first + 1, end + 1);
  }

  /** How many versions compare to `bound` with at least `least`: 1 is newer, 0 newer or the same. */
  #count(bound: SemVer, least: 0 | 1): number {
    let low = 0;
    let high = this.versions.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.versions[middle]!.compare(bound) >= least) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
