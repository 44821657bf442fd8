import { cordonError } from '../errors/cordon-error.js';
import type { BrokenCandidate, PluginCandidate } from './catalog-source.js';
import type { Found } from './plugin-folder.js';

/** Everything that a source which can list itself has. */
export interface Inventory {
  readonly names: readonly string[];
  readonly broken: readonly BrokenCandidate[];
  candidates(name: string): readonly PluginCandidate[];
  providers(name: string): readonly string[];
}

/** Sorts findings by name. Of two that are the same version of the same plugin the first counts; the other is broken. */
export function inventory(found: readonly Found[]): Inventory {
  const byName = new Map<string, PluginCandidate[]>();
  const providers = new Map<string, Set<string>>();
  const broken: BrokenCandidate[] = [];
  for (const one of found) {
    if ('broken' in one) {
      broken.push(one.broken);
      continue;
    }
    const { candidate } = one;
    const { name, version, provides } = candidate.manifest;
    const versions = byName.get(name) ?? [];
    byName.set(name, versions);
    const first = versions.find((other) => other.manifest.version === version);
    if (first !== undefined) {
      broken.push(duplicate(first, candidate));
      continue;
    }
    versions.push(candidate);
    for (const virtual of Object.keys(provides)) {
      const names = providers.get(virtual) ?? new Set();
      providers.set(virtual, names.add(name));
    }
  }
  return {
    names: [...byName.keys()].sort(),
    broken,
    candidates: (name) => byName.get(name) ?? [],
    providers: (name) => [...(providers.get(name) ?? [])].sort(),
  };
}

function duplicate(first: PluginCandidate, second: PluginCandidate): BrokenCandidate {
  const { name, version } = second.manifest;
  const error = cordonError(
    'ERR_MANIFEST',
    `${second.origin} is ${name}@${version} once more; ${first.origin} is used. Remove one of them, or give it another ` +
      'version.',
    { plugin: name, version, details: { used: first.origin, ignored: second.origin } },
  );
  return { origin: second.origin, source: second.source, name, error };
}
