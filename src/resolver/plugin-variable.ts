import { ownValue } from '../manifest/own-value.js';
import type { Candidate } from './candidate.js';
import type { SlotVariable } from './choice-variables.js';
import { between, type ValueSet } from './solver/value-set.js';
import { Variable } from './solver/variable.js';
import { VersionList } from './version-list.js';
import { parseRange } from './version-range.js';

/** Which version of a plugin is in the set: 0 for none, 1 for the newest there is, and so on. */
export class PluginVariable<C extends Candidate = Candidate> extends Variable {
  readonly name: string;
  /** It runs already; then its version is the only candidate. */
  readonly isLoaded: boolean;
  /** All versions: everything but "absent". */
  readonly present: ValueSet;
  /** Who may serve those that depend on its name; `undefined` where only it can. */
  slot: SlotVariable | undefined;
  /** Newest first. */
  readonly candidates: readonly C[];
  readonly #versions: VersionList;
  readonly #matching = new Map<string, ValueSet>();
  /** Asked for rarely. */
  #matchingAll: Map<string, ValueSet> | undefined;
  #providing: Map<string, ValueSet> | undefined;

  /** `offered` are its versions in any order. */
  constructor(name: string, offered: readonly C[], isLoaded = false) {
    super(offered.length + 1);
    this.name = name;
    this.isLoaded = isLoaded;
    this.present = this.all ^ 1n;
    this.#versions = new VersionList(offered.map(({ manifest }) => manifest.version));
    this.candidates = this.#versions.order?.map((i) => offered[i]!) ?? offered;
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
    this.#matchingAll ??= new Map();
    return memo(this.#matchingAll, range, () => this.#versions.matching(range, 'all'));
  }

  /** The versions that provide a virtual name, in a version of a range or in any. */
  providing(name: string, range: string | undefined): ValueSet {
    this.#providing ??= new Map();
    return memo(this.#providing, `${name} ${range ?? ''}`, () => {
      const parsed = range === undefined ? undefined : parseRange(range);
      return this.where(({ manifest }) => {
        const version = ownValue(manifest.provides, name);
        return version !== undefined && (range === undefined || (parsed?.test(version) ?? false));
      });
    });
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
