import semver from 'semver';
import type { Candidate } from './candidate.js';
import type { Relax } from './constraint.js';
import type { Fact } from './facts.js';
import type { PluginVariable } from './plugin-variable.js';
import type { ResolveRequest } from './request.js';
import { only, type ValueSet } from './solver/value-set.js';

/** Versions that are out of the question by themselves, and why. */
export interface Exclusion {
  readonly set: ValueSet;
  readonly fact: Fact;
}

/** Versions that the host refuses, or that were yanked and are not locked. */
export async function excludeRefused<C extends Candidate>(
  plugin: PluginVariable<C>,
  request: ResolveRequest<C>,
  relax: Relax,
  isLoaded: boolean,
): Promise<Exclusion[]> {
  if (isLoaded || relax({ kind: 'refused', name: plugin.name })) return [];
  const locked = request.locked?.[plugin.name];
  const grouped = new Groups();
  for (let i = 0; i < plugin.candidates.length; i++) {
    const candidate = plugin.candidates[i]!;
    const { yanked, manifest } = candidate;
    const withdrawn = yanked !== undefined && manifest.version !== locked;
    const answer = withdrawn ? `yanked: ${yanked}` : request.refuse?.(candidate);
    const reason = typeof answer === 'object' ? await answer : answer;
    if (reason !== undefined) grouped.add(reason, i + 1);
  }
  return grouped.map((set, reason) => ({ set, fact: { kind: 'refused', name: plugin.name, reason } }));
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
