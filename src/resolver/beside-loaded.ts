import { ownValue } from '../manifest/own-value.js';
import type { Candidate } from './candidate.js';
import type { LoadedPlugin } from './request.js';
import type { Settled } from './search.js';

/**
 * Was a set that was found without looking at the loaded plugins that nobody in it needs the one that would have been found with
 * them? False where any of them may have to do with it: then they have to be looked at. What they need is loaded with them and
 * stays; so they matter only by names that they share with what is new, and where names have several servers.
 */
export function standsBeside<C extends Candidate>(
  { plugins, universe }: Settled<C>,
  loaded: readonly LoadedPlugin<C>[],
): boolean {
  if (universe.hasLoadedServers) return false;
  const names = new Set<string>();
  /** Names of what is new, and what it provides. */
  const taken = new Set<string>();
  /** What nothing beside it may be called, or provide. */
  const averse = new Set<string>();
  for (const plugin of plugins) {
    names.add(plugin.name);
    if (universe.isLoaded(plugin.name)) continue;
    const { provides, conflicts } = plugin.candidate(plugin.decided!).manifest;
    taken.add(plugin.name);
    for (const name of Object.keys(provides)) taken.add(name);
    for (const name of Object.keys(conflicts)) averse.add(name);
  }
  return loaded.every(({ candidate: { manifest }, links }) => {
    if (names.has(manifest.name)) return true;
    if (averse.has(manifest.name) || anyOf(manifest.provides, (name) => averse.has(name))) return false;
    if (anyOf(manifest.conflicts, (name) => taken.has(name))) return false;
    return !anyOf(
      manifest.dependencies,
      (name) => taken.has(name) || !universe.isLoaded((links && ownValue(links, name)) ?? name),
    );
  });
}

function anyOf(names: Readonly<Record<string, string>>, wanted: (name: string) => boolean): boolean {
  for (const name in names) if (wanted(name)) return true;
  return false;
}
