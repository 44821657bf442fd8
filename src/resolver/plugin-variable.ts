import type { Candidate } from './candidate.js';
import { between, type ValueSet } from './solver/value-set.js';
import { Variable } from './solver/variable.js';
import { compareVersions, isNewestFirst, parseRange, parseVersion, VersionList } from './version-range.js';

/** Which version of a plugin is in the set: 0 for none, 1 for the newest there is, and so on. */
export class PluginVariable<C extends Candidate = Candidate> extends Variable {
  readonly name: string;
  /** It runs already; then its version is the only candidate. */
  readonly isLoaded: boolean;
  /** All versions: everything but "absent". */
  readonly present: ValueSet;
  /** Newest first. */
  readonly candidates: readonly C[];
  readonly #versions: VersionList;
  readonly #matching = new Map<string, ValueSet>();
  readonly #matchingAll = new Map<string, ValueSet>();
  readonly #providing = new Map<string, ValueSet>();

  constructor(name: string, candidates: readonly C[], isLoaded = false) {
    super(candidates.length + 1);
    this.name = name;
    this.isLoaded = isLoaded;
    this.present = this.all ^ 1n;
    const versions = candidates.map(({ manifest }) => parseVersion(manifest.version));
    if (isNewestFirst(versions)) {
      this.candidates = candidates;
      this.#versions = new VersionList(versions);
      return;
    }
    const order = versions.map((_, i) => i).sort((a, b) => compareVersions(versions[b]!, versions[a]!));
    this.candidates = order.map((i) => candidates[i]!);
    this.#versions = new VersionList(order.map((i) => versions[i]!));
  }

  candidate(value: number): C {
    return this.candidates[value - 1]!;
  }

  version(value: number): string {
    return this.candidate(value).manifest.version;
  }

  /** The value of a version; `undefined` where it is not offered. */
  valueFor(version: string): number | undefined {
    const i = this.candidates.findIndex((one) => one.manifest.version === version);
    return i < 0 ? undefined : i + 1;
  }

  /** The versions in a range. */
  matching(range: string): ValueSet {
    const known = this.#matching.get(range);
    if (known !== undefined) return known;
    const set = this.#versions.matching(range);
    this.#matching.set(range, set);
    return set;
  }

  /** The versions in a range, prereleases that it does not name included. */
  matchingAll(range: string): ValueSet {
    return memo(this.#matchingAll, range, () => this.#versions.matching(range, 'all'));
  }

  /** The versions that provide a virtual name, in a version of a range or in any. */
  providing(name: string, range: string | undefined): ValueSet {
    return memo(this.#providing, `${name} ${range ?? ''}`, () => {
      const parsed = range === undefined ? undefined : parseRange(range);
      return this.where(({ manifest }) => {
        const version = Object.hasOwn(manifest.provides, name) ? manifest.provides[name] : undefined;
        return version !== undefined && (range === undefined || (parsed?.test(version) ?? false));
      });
    });
  }

  /** A version whose manifest says so, with its neighbours for as long as theirs do. */
  around(value: number, says: (candidate: C) => boolean): ValueSet {
    const { candidates } = this;
    let first = value - 1;
    while (first > 0 && says(candidates[first - 1]!)) first--;
    let end = value;
    while (end < candidates.length && says(candidates[end]!)) end++;
    return between(first + 1, end + 1);
  }

  /** The versions whose manifest says so. */
  where(says: (candidate: C) => boolean): ValueSet {
    const { candidates } = this;
    let set = 0n;
    // Neighbours are mostly of one mind, and a run of them costs no more than one.
    for (let i = 0; i < candidates.length; i++) {
      if (!says(candidates[i]!)) continue;
      const first = i;
      while (i + 1 < candidates.length && says(candidates[i + 1]!)) i++;
      set |= between(first + 1, i + 2);
    }
    return set;
  }
}

function memo(sets: Map<string, ValueSet>, key: string, compute: () => ValueSet): ValueSet {
  const known = sets.get(key);
  if (known !== undefined) return known;
  const set = compute();
  sets.set(key, set);
  return set;
}
