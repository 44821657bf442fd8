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

/** A bound of a range. */
interface Bound {
  readonly operator: string;
  readonly version: PlacedVersion;
}

/** A range with the bounds of each part between `||`. */
interface ParsedRange {
  readonly range: semver.Range;
  readonly parts: readonly (readonly Bound[])[];
}

const ranges = new Parsed((text): ParsedRange | undefined => {
  try {
    if (text.length > MAX_RANGE_LENGTH) return undefined;
    const range = new semver.Range(text);
    return { range, parts: range.set.map(boundsOf) };
  } catch {
    return undefined;
  }
});
const versions = new Parsed((text) => placed(new semver.SemVer(text)));

/** A range by npm's rules; `undefined` where the text is none. */
export function parseRange(text: string): semver.Range | undefined {
  return ranges.get(text)?.range;
}

/** A version that is known to be one. */
export function parseVersion(text: string): PlacedVersion {
  return versions.get(text);
}

/** The comparator of `*` has no version, and bounds nothing. */
function boundsOf(comparators: readonly Comparator[]): Bound[] {
  return comparators.flatMap(({ operator, semver: version }) =>
    version instanceof semver.SemVer ? [{ operator, version: placed(version) }] : [],
  );
}

/** A version with its place among all versions, prereleases aside, as one number. */
export interface PlacedVersion {
  readonly semver: SemVer;
  /** `NaN` for numbers so large that one number does not hold them. */
  readonly place: number;
}

/** How many bits the minor version and the patch take in a place; the major has what is left of 53. */
const BITS = 17;

/** A version with its place. */
export function placed(version: SemVer): PlacedVersion {
  const { major, minor, patch } = version;
  const isSmall = major < 2 ** (53 - 2 * BITS) && minor < 2 ** BITS && patch < 2 ** BITS;
  return {
    semver: version,
    place: isSmall ? (major * 2 ** BITS + minor) * 2 ** BITS + patch : Number.NaN,
  };
}

/** By semver's order: above 0 where `a` is newer, 0 where they differ in build metadata at most. */
function compare(a: PlacedVersion, b: PlacedVersion): number {
  const distance = a.place - b.place;
  // `NaN` is neither. Comparing one number with another is most of what a search over versions does.
  return distance > 0 || distance < 0 ? distance : a.semver.compare(b.semver);
}

/** The same, where build metadata counts too: the later in the alphabet is above. */
export function compareVersions(a: PlacedVersion, b: PlacedVersion): number {
  return compare(a, b) || a.semver.compareBuild(b.semver);
}

/** Whether versions are in the order that {@link VersionList} has them in. */
export function isNewestFirst(list: readonly PlacedVersion[]): boolean {
  for (let i = 1; i < list.length; i++) if (compareVersions(list[i - 1]!, list[i]!) < 0) return false;
  return true;
}

/** The versions of one plugin, newest first: the first has value 1, because 0 is "absent". */
export class VersionList {
  readonly versions: readonly PlacedVersion[];
  readonly #prereleases: readonly number[];

  constructor(newestFirst: readonly PlacedVersion[]) {
    this.versions = newestFirst;
    const prereleases: number[] = [];
    for (let i = 0; i < newestFirst.length; i++) {
      if (newestFirst[i]!.semver.prerelease.length > 0) prereleases.push(i);
    }
    this.#prereleases = prereleases;
  }

  /**
   * The versions in a range, as `semver.satisfies` finds them one by one. `prereleases: 'all'` also takes those that the
   * range does not name, as `includePrerelease` does.
   */
  matching(text: string, prereleases: 'named' | 'all' = 'named'): ValueSet {
    const parsed = ranges.get(text);
    if (parsed === undefined) return 0n;
    const { range, parts } = parsed;
    if (prereleases === 'all') return this.#oneByOne(new semver.Range(text, { includePrerelease: true }));
    let set = 0n;
    for (const bounds of parts) set = set === 0n ? this.#interval(bounds) : set | this.#interval(bounds);
    for (const i of this.#prereleases) {
      if ((set & only(i + 1)) !== 0n && !range.test(this.versions[i]!.semver)) set ^= only(i + 1);
    }
    return set;
  }

  #oneByOne(range: semver.Range): ValueSet {
    let set = 0n;
    this.versions.forEach((version, i) => {
      if (range.test(version.semver)) set |= only(i + 1);
    });
    return set;
  }

  /** Bounds that must all hold leave one run of the ordered versions, found by bisection. */
  #interval(bounds: readonly Bound[]): ValueSet {
    let first = 0;
    let end = this.versions.length;
    for (const { operator, version: bound } of bounds) {
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
  #count(bound: PlacedVersion, least: 0 | 1): number {
    let low = 0;
    let high = this.versions.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compare(this.versions[middle]!, bound) >= least) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
