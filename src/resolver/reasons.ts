import type { Candidate } from './candidate.js';
import { causeText } from './explain/cause-text.js';
import type { PluginVariable } from './plugin-variable.js';
import type { Asker, NewerVersions, Reasons } from './resolution.js';
import type { Settled } from './search.js';
import { has } from './solver/value-set.js';

/** Why a plugin has the version that it has. */
export function reasonsFor<C extends Candidate>(
  plugin: PluginVariable<C>,
  askedBy: readonly Asker[],
  { universe, preference }: Settled<C>,
): Reasons {
  const value = plugin.decided!;
  if (universe.isLoaded(plugin.name)) return { askedBy, version: 'loaded', newer: [] };
  const isLocked = preference.lockedVersion(plugin.name) === plugin.version(value);
  if (isLocked && value > 1) return { askedBy, version: 'locked', newer: [] };
  const lookup = (name: string): PluginVariable => universe.plugin(name);
  const newer = newerThan(plugin, value, lookup);
  const notLocked = isLocked
    ? undefined
    : whyNotLocked(plugin, preference.lockedVersion(plugin.name), lookup);
  return {
    askedBy,
    version: value === 1 ? 'newest' : 'newest-possible',
    newer,
    ...(notLocked && { notLocked }),
  };
}

function whyNotLocked(
  plugin: PluginVariable,
  version: string | undefined,
  lookup: (name: string) => PluginVariable,
): Reasons['notLocked'] {
  if (version === undefined) return undefined;
  const value = plugin.valueFor(version);
  if (value === undefined) return { version, because: `the catalog does not have ${plugin.name} ${version}` };
  const cause = plugin.assignments.find(({ after }) => !has(after, value))?.cause;
  return cause && { version, because: causeText(cause, [plugin], lookup) };
}

/** A version that is newer than the decided one was ruled out before that decision; the assignment that did it knows why. */
function newerThan(
  plugin: PluginVariable,
  decided: number,
  lookup: (name: string) => PluginVariable,
): NewerVersions[] {
  const groups = new Map<string, string[]>();
  for (let value = 1; value < decided; value++) {
    const ruledOut = plugin.assignments.find(({ after }) => !has(after, value));
    if (ruledOut?.cause === undefined) continue;
    const because = causeText(ruledOut.cause, [plugin], lookup);
    const versions = groups.get(because) ?? [];
    groups.set(because, versions);
    versions.push(plugin.version(value));
  }
  return [...groups].map(([because, versions]) => ({ versions, because }));
}
