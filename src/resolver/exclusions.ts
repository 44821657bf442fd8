import semver from 'semver';
import type { Candidate } from './candidate.js';
import type { Relax } from './constraint.js';
import type { Fact, RefusedFact } from './facts.js';
import type { PluginVariable } from './plugin-variable.js';
import { only, type ValueSet } from './solver/value-set.js';
import type { Refusal, VersionRule } from './version-rule.js';

/** Versions that are out of the question by themselves, and why. */
export interface Exclusion {
  readonly set: ValueSet;
  readonly fact: Fact;
}

/** Versions that a rule keeps out: the first that does, of those that are in force. `locked` is the version that stays. */
export async function excludeRefused<C extends Candidate>(
  plugin: PluginVariable<C>,
  rules: readonly VersionRule<C>[],
  locked: string | undefined,
  relax: Relax,
): Promise<Exclusion[]> {
  const { name, candidates } = plugin;
  const facts = new Map<string, RefusedFact>();
  const grouped = new Groups();
  const inForce = rules.filter(({ id }) => !relax({ kind: 'refused', name, rule: id }));
  for (let i = 0; i < candidates.length; i++) {
    const candidate = candidates[i]!;
    for (const rule of inForce) {
      if (rule.sparesLocked === true && candidate.manifest.version === locked) continue;
      const answer = rule.judge(candidate);
      const refusal: Refusal | undefined = answer instanceof Promise ? await answer : answer;
      if (refusal === undefined) continue;
      const { reason, verb } = refusal;
      const key = `${rule.id} ${verb ?? ''} ${reason}`;
      if (!facts.has(key)) {
        facts.set(key, { kind: 'refused', name, rule: rule.id, reason, ...(verb && { verb }) });
      }
      grouped.add(key, i + 1);
      break;
    }
  }
  return grouped.map((set, key) => ({ set, fact: facts.get(key)! }));
}

/** What the host offers to `engines`; each range is compared once. */
export class Engines {
  readonly #offered: Readonly<Record<string, string>>;
  readonly #fits = new Map<string, boolean>();

  constructor(offered: Readonly<Record<string, string>>) {
    this.#offered = offered;
  }

  offered(engine: string): string | undefined {
    return Object.hasOwn(this.#offered, engine) ? this.#offered[engine] : undefined;
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

/** Versions that need another host. */
export function excludeUnfit<C extends Candidate>(
  plugin: PluginVariable<C>,
  engines: Engines,
  relax: Relax,
): Exclusion[] {
  const grouped = new Groups();
  for (let i = 0; i < plugin.candidates.length; i++) {
    const { manifest } = plugin.candidates[i]!;
    for (const engine of Object.keys(manifest.engines)) {
      const range = manifest.engines[engine]!;
      if (!engines.fits(engine, range) && !relax({ kind: 'engine', engine })) {
        grouped.add(`${engine} ${range}`, i + 1);
      }
    }
  }
  return grouped.map((set, key) => {
    const engine = key.slice(0, key.indexOf(' '));
    const range = key.slice(engine.length + 1);
    const offered = engines.offered(engine);
    return {
      set,
      fact: { kind: 'engine', name: plugin.name, engine, range, ...(offered !== undefined && { offered }) },
    };
  });
}

/** Versions by what is wrong with them. */
class Groups {
  readonly #sets = new Map<string, ValueSet>();

  add(key: string, value: number): void {
    this.#sets.set(key, (this.#sets.get(key) ?? 0n) | only(value));
  }

  map(make: (set: ValueSet, key: string) => Exclusion): Exclusion[] {
    return [...this.#sets.keys()].sort().map((key) => make(this.#sets.get(key)!, key));
  }
}
