import semver from 'semver';
import { ownValue } from '../manifest/own-value.js';
import type { Candidate } from './candidate.js';
import type { Relax } from './constraint.js';
import type { Fact } from './facts.js';
import type { PluginVariable } from './plugin-variable.js';
import type { ResolveRequest } from './request.js';
import { only, type ValueSet } from './solver/value-set.js';
import { type Refusal, type VersionRule, yankedRule } from './version-rule.js';

/** Versions that are out of the question by themselves, and why. */
export interface Exclusion {
  readonly set: ValueSet;
  readonly fact: Fact;
}

/** What the host offers to `engines`; each range is compared once. */
class Engines {
  readonly #offered: Readonly<Record<string, string>>;
  readonly #fits = new Map<string, boolean>();

  constructor(offered: Readonly<Record<string, string>>) {
    this.#offered = offered;
  }

  offered(engine: string): string | undefined {
    return ownValue(this.#offered, engine);
  }

  /** Other than for plugins, a prerelease of the host is in every range that its place in the order is in, as with npm. */
  fits(engine: string, range: string): boolean {
    const key = `${engine} ${range}`;
    const known = this.#fits.get(key);
    if (known !== undefined) return known;
    const version = this.offered(engine);
    const fits = version !== undefined && semver.satisfies(version, range, { includePrerelease: true });
    this.#fits.set(key, fits);
    return fits;
  }
}

/** What is known of single versions: the rules of the host, and `engines`. */
export class Exclusions<C extends Candidate> {
  readonly #rules: readonly VersionRule<C>[];
  readonly #engines: Engines;
  readonly #relax: Relax;
  readonly #asked = new Map<C, Answer>();

  constructor({ rules = [], engines = {} }: Pick<ResolveRequest<C>, 'rules' | 'engines'>, relax: Relax) {
    this.#rules = [yankedRule, ...rules];
    this.#engines = new Engines(engines);
    this.#relax = relax;
  }

  /** Whether a version may be used so far. `locked` is the version of the plugin that stays. */
  admits(candidate: C, locked: string | undefined): boolean | Promise<boolean> {
    if (this.#unfitEngine(candidate) !== undefined) return false;
    const refusal = this.#refusalOf(candidate, locked);
    return refusal instanceof Promise ? refusal.then((found) => found === undefined) : refusal === undefined;
  }

  /** All that may not be used of a plugin, and why: of several rules the first that says so, and every engine. */
  async of(plugin: PluginVariable<C>, locked: string | undefined): Promise<Exclusion[]> {
    const { name, candidates } = plugin;
    const refused = new Groups();
    const unfit = new Groups();
    for (let i = 0; i < candidates.length; i++) {
      const candidate = candidates[i]!;
      const answer = this.#refusalOf(candidate, locked);
      const found = answer instanceof Promise ? await answer : answer;
      if (found !== undefined) {
        const { rule, reason, verb } = found;
        const key = `${rule} ${verb ?? ''} ${reason}`;
        refused.add(key, i + 1, () => ({ kind: 'refused', name, rule, reason, ...(verb && { verb }) }));
      }
      for (const [engine, range] of Object.entries(candidate.manifest.engines)) {
        if (this.#isFit(engine, range)) continue;
        const offered = this.#engines.offered(engine);
        unfit.add(`${engine} ${range}`, i + 1, () => {
          return { kind: 'engine', name, engine, range, ...(offered !== undefined && { offered }) };
        });
      }
    }
    return [...refused.all(), ...unfit.all()];
  }

  /** No version is asked about twice: a rule may be a function of the application. */
  #refusalOf(candidate: C, locked: string | undefined): Answer {
    if (this.#asked.has(candidate)) return this.#asked.get(candidate);
    const answer = this.#refusal(candidate, locked, 0);
    this.#asked.set(candidate, answer);
    return answer;
  }

  #refusal(candidate: C, locked: string | undefined, from: number): Answer {
    for (let i = from; i < this.#rules.length; i++) {
      const rule = this.#rules[i]!;
      if (rule.sparesLocked === true && candidate.manifest.version === locked) continue;
      if (this.#relax({ kind: 'refused', name: candidate.manifest.name, rule: rule.id })) continue;
      const answer = rule.judge(candidate);
      if (answer === undefined) continue;
      if (!(answer instanceof Promise)) return { rule: rule.id, ...answer };
      return answer.then((refusal) =>
        refusal === undefined ? this.#refusal(candidate, locked, i + 1) : { rule: rule.id, ...refusal },
      );
    }
    return undefined;
  }

  #unfitEngine({ manifest }: C): string | undefined {
    for (const engine in manifest.engines) if (!this.#isFit(engine, manifest.engines[engine]!)) return engine;
    return undefined;
  }

  #isFit(engine: string, range: string): boolean {
    return this.#engines.fits(engine, range) || this.#relax({ kind: 'engine', engine });
  }
}

interface Refused extends Refusal {
  readonly rule: string;
}

type Answer = Refused | undefined | Promise<Refused | undefined>;

/** Versions by what is wrong with them. */
class Groups {
  readonly #sets = new Map<string, ValueSet>();
  readonly #facts = new Map<string, Fact>();

  add(key: string, value: number, fact: () => Fact): void {
    this.#sets.set(key, (this.#sets.get(key) ?? 0n) | only(value));
    if (!this.#facts.has(key)) this.#facts.set(key, fact());
  }

  /** In an order that does not depend on that of the versions. */
  all(): Exclusion[] {
    return [...this.#sets.keys()]
      .sort()
      .map((key) => ({ set: this.#sets.get(key)!, fact: this.#facts.get(key)! }));
  }
}
