import { LOCKFILE_VERSION, type LockEntry, type Lockfile } from './lockfile.js';

/**
 * The text of a lockfile. The same content has the same text: plugins and everything in them stand in the order of their
 * names, one thing a line, so that a change of one plugin shows as a change of its lines only.
 */
export function formatLockfile({ plugins }: Lockfile): string {
  const entries = sortedKeys(plugins).map((name) => [name, formatEntry(plugins[name]!)]);
  const file = { lockfileVersion: LOCKFILE_VERSION, plugins: Object.fromEntries(entries) };
  return `${JSON.stringify(file, null, 2)}\n`;
}

function formatEntry(entry: LockEntry): object {
  const { version, source, requested, manifest, modules, dependencies, permissions } = entry;
  return {
    version,
    ...(requested && { requested }),
    source,
    manifest,
    modules: sorted(modules),
    dependencies: sorted(dependencies),
    ...(permissions && {
      permissions: {
        asked: permissions.asked,
        granted: sorted(permissions.granted),
        ...(permissions.requested && { requested: sorted(permissions.requested) }),
      },
    }),
  };
}

/** The same data with the keys of every object in order. Lists keep theirs, it may have a meaning. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    sortedKeys(value).map((key) => [key, sorted((value as Record<string, unknown>)[key])]),
  );
}

function sortedKeys(record: object): string[] {
  return Object.keys(record).sort();
}
