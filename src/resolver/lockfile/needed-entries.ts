import type { Lockfile } from './lockfile.js';

/**
 * The entries that somebody needs: those that a program asked for by name, those of `more` (what runs now), and what
 * these depend on. All others are left over from versions that are not used any more.
 */
export function neededEntries({ plugins }: Lockfile, more: Iterable<string>): ReadonlySet<string> {
  const needed = new Set<string>();
  const open = [...more, ...Object.keys(plugins).filter((name) => plugins[name]!.requested === true)];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const entry = plugins[name];
    if (entry === undefined || needed.has(name)) continue;
    needed.add(name);
    open.push(...Object.values(entry.dependencies));
  }
  return needed;
}
