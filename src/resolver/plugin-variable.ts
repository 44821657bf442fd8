import semver from 'semver';
import type { Candidate } from './candidate.js';
import { only, type ValueSet } from './solver/value-set.js';
import { Variable } from './solver/variable.js';
import { parseRange, VersionList } from './version-range.js';

/** Which version of a plugin is in the set: 0 for none, 1 for the newest there is, and so on. */
export class PluginVariable<C extends Candidate = Candidate> extends Variable {
  readonly name: string;
  /** It runs already; then its version is the only candidate. */
  readonly isLoaded: boolean;
  /** Newest first. */
  readonly candidates: readonly C[];
  readonly #versions: VersionList;
  readonly #sets = new Map<string, ValueSet>();

  constructor(name: string, candidates: readonly C[], isLoaded = false) {
    super(candidates.length + 1);
    this.name = name;
    this.isLoaded = isLoaded;
    this.candidates = [...candidates].sort((a, b) =>
      semver.compareBuild(b.manifest.version, a.manifest.version),
    );
    this.#versions = new VersionList(this.candidates.map((one) => new semver.SemVer(one.manifest.version)));
  }

  /** All versions: everything but "absent". */
  get present(): ValueSet {
    return this.all ^ 1n;
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
    return this.#memo(`in ${range}`, () => this.#versions.matching(range));
  }

  /** The versions in a range, prereleases that it does not name included. */
  matchingAll(range: string): ValueSet {
    return this.#memo(`all ${range}`, () => this.#versions.matching(range, 'all'));
  }

  /** The versions that provide a virtual name, in a version of a range or in any. */
  providing(name: string, range: string | undefined): ValueSet {
    return this.#memo(`provides ${name} ${range ?? ''}`, () => {
      const parsed = range === undefined ? undefined : parseRange(range);
      return this.where(({ manifest }) => {
        const version = Object.hasOwn(manifest.provides, name) ? manifest.provides[name] : undefined;
        return version !== undefined && (range === undefined || (parsed?.test(version) ?? false));
      });
    });
  }

  /** The versions whose manifest says so. */
  where(says: (candidate: C) => boolean): ValueSet {
    let set = 0n;
    for (let i = 0; i < this.candidates.length; i++) if (says(this.candidates[i]!)) set |= only(i + 1);
    return set;
  }

  #memo(key: string, compute: () => ValueSet): ValueSet {
    const known = this.#sets.get(key);
    if (known !== undefined) return known;
    const set = compute();
    this.#sets.set(key, set);
    return set;
  }
}
