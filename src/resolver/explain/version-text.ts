import type { PluginVariable } from '../plugin-variable.js';
import { type ValueSet, valuesOf } from '../solver/value-set.js';

/** Runs of neighbouring versions that are named before the rest is only counted. */
const MAX_RUNS = 4;

/** Versions in words, with what a verb has to agree with. */
export interface Noun {
  readonly text: string;
  readonly isPlural: boolean;
}

/** The versions of a set, oldest first: `1.0.0`, `1.0.0 to 1.4.2`, `1.0.0 or 2.0.0 to 2.3.0`. */
export function versionText(plugin: PluginVariable, set: ValueSet, joint: 'and' | 'or' = 'or'): string {
  const runs = runsOf(set & plugin.present).map(({ oldest, newest }) => {
    const [from, to] = [plugin.version(oldest), plugin.version(newest)];
    if (oldest === newest) return from;
    return oldest === newest + 1 ? `${from} ${joint} ${to}` : `${from} to ${to}`;
  });
  return listText(runs, joint, MAX_RUNS);
}

/** A plugin in some of its versions, as the subject or object of a sentence. */
export function pluginText(plugin: PluginVariable, set: ValueSet, joint: 'and' | 'or' = 'and'): Noun {
  const versions = set & plugin.present;
  if (versions === plugin.present && plugin.candidates.length > 1) {
    return { text: `every version of ${plugin.name}`, isPlural: false };
  }
  const isPlural = joint === 'and' && valuesOf(versions).length > 1;
  return { text: `${plugin.name} ${versionText(plugin, versions, joint)}`, isPlural };
}

/** Versions that follow each other, the oldest first; a newer version has a lower value. */
function runsOf(set: ValueSet): { oldest: number; newest: number }[] {
  const runs: { oldest: number; newest: number }[] = [];
  for (const value of valuesOf(set).reverse()) {
    const last = runs.at(-1);
    if (last !== undefined && last.newest === value + 1) last.newest = value;
    else runs.push({ oldest: value, newest: value });
  }
  return runs;
}

/** `a, b and c`; past `max`, `a, b and 3 more`. */
export function listText(
  items: readonly string[],
  joint: string,
  max: number = Number.POSITIVE_INFINITY,
): string {
  if (items.length > max) {
    const shown = items.slice(0, max - 1);
    return `${shown.join(', ')} ${joint} ${items.length - shown.length} more`;
  }
  const last = items.at(-1) ?? '';
  return items.length < 2 ? last : `${items.slice(0, -1).join(', ')} ${joint} ${last}`;
}
