import semver, { type SemVer } from 'semver';
import { between, has, only, type ValueSet } from './solver/value-set.js';
import { placeOf, saysAll } from './version-place.js';
import { type Bound, type ParsedRange, readRange } from './version-range.js';

/** The versions of one plugin, newest first: the first has value 1, because 0 is "absent". */
export class VersionList {
  /** Where the versions stood in the list that was given; absent where that was in order. */
  readonly order: readonly number[] | undefined;
  readonly #texts: readonly string[];
  readonly #places: readonly number[];
  /** Those that were looked at more closely. */
  readonly #read: (SemVer | undefined)[] = [];
  /** Where prereleases are among them. */
  readonly #prereleases: readonly number[];

  /** `versions` are known to be some, each once, in any order. */
  constructor(versions: readonly string[]) {
    this.#texts = versions;
    this.#places = versions.map(placeOf);
    if (!this.#isNewestFirst()) {
      const order = versions.map((_, i) => i).sort((a, b) => -this.#compareTwo(a, b));
      this.order = order;
      this.#texts = order.map((i) => versions[i]!);
      this.#places = this.#texts.map(placeOf);
      this.#read = [];
    }
    const prereleases: number[] = [];
    for (let i = 0; i < versions.length; i++) {
      if (!saysAll(this.#places[i]!) && this.#semver(i).prerelease.length > 0) prereleases.push(i);
    }
    this.#prereleases = prereleases;
  }

  /**
   * The versions in a range, as `semver.satisfies` finds them one by one. `prereleases: 'all'` also takes those that the
   * range does not name, as `includePrerelease` does.
   */
  matching(text: string, prereleases: 'named' | 'all' = 'named'): ValueSet {
    const range = readRange(text, prereleases);
    if (range === undefined) return 0n;
    let set = 0n;
    for (const bounds of range.parts) {
      const part = this.#interval(bounds);
      set = set === 0n ? part : set | part;
    }
    if (prereleases === 'all') return set;
    for (const i of this.#prereleases) {
      if (has(set, i + 1) && !this.#isNamed(i, range)) set ^= only(i + 1);
    }
    return set;
  }

  /** Bounds that must all hold leave one run of the ordered versions. */
  #interval(bounds: readonly Bound[]): ValueSet {
    let first = 0;
    let end = this.#texts.length;
    for (const bound of bounds) {
      const { operator } = bound;
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

  /**
   * How many versions compare to `bound` with at least `least`: 1 is newer, 0 newer or the same. Most ranges end near the
   * newest version, so the search begins there, with steps that double, and bisects what the last step went over.
   */
  #count(bound: Bound, least: 0 | 1): number {
    const { length } = this.#texts;
    let low = 0;
    let step = 1;
    while (low + step <= length && this.#compare(low + step - 1, bound) >= least) {
      low += step;
      step *= 2;
    }
    let high = Math.min(low + step - 1, length);
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#compare(middle, bound) >= least) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #compare(i: number, bound: Bound): number {
    const place = this.#places[i]!;
    const distance = place - bound.place;
    // `NaN` is neither.
    if (distance > 0) return 1;
    if (distance < 0) return -1;
    return distance === 0 && saysAll(place) ? 0 : this.#semver(i).compare(bound.version);
  }

  /** Of versions that differ in build metadata only, the later in the alphabet is above. */
  #compareTwo(a: number, b: number): number {
    const distance = this.#places[a]! - this.#places[b]!;
    if (distance > 0 || distance < 0) return distance;
    const [left, right] = [this.#semver(a), this.#semver(b)];
    return left.compare(right) || left.compareBuild(right);
  }

  #isNewestFirst(): boolean {
    const places = this.#places;
    for (let i = 1; i < places.length; i++) {
      if (!(places[i - 1]! > places[i]!) && this.#compareTwo(i - 1, i) < 0) return false;
    }
    return true;
  }

  /** Whether a prerelease between the bounds of a range is in it: only where the range names one of the same version. */
  #isNamed(i: number, { range, parts }: ParsedRange): boolean {
    const place = this.#places[i]!;
    // What is not known to be elsewhere has to be looked at.
    const mayBe = parts.some((bounds) => bounds.some((bound) => !(Math.abs(bound.place - place) > 0)));
    return mayBe && range.test(this.#semver(i));
  }

  #semver(i: number): SemVer {
    const version = this.#read[i] ?? new semver.SemVer(this.#texts[i]!);
    this.#read[i] = version;
    return version;
  }
}
