import { dataDigest } from '../../integrity/data-digest.js';
import type { Manifest } from '../../manifest/manifest.js';
import type { Permissions } from '../../manifest/permissions.js';

/** The format that this Cordon writes; files of a newer one are refused. */
export const LOCKFILE_VERSION = 1;

/** What `plugins.lock.json` says of one plugin. */
export interface LockEntry {
  readonly version: string;
  /** The id of the catalog source. */
  readonly source: string;
  /** The digest of the manifest after parsing: another layout of its file makes no difference. */
  readonly manifest: string;
  /** The digest of each module by its name, `main` among them. */
  readonly modules: Readonly<Record<string, string>>;
  /** Who serves each dependency: most are served by the plugin of that name. */
  readonly dependencies: Readonly<Record<string, string>>;
  /** A program asked for it by name, and not only another plugin: such an entry stays whatever others depend on. */
  readonly requested?: true;
  /** Absent where nobody was asked. */
  readonly permissions?: LockedPermissions;
}

/** What was granted, and what had been asked for then. */
export interface LockedPermissions {
  /** The digest of what the manifest asked for; another one makes the answer void. */
  readonly asked: string;
  readonly granted: Permissions;
  /** What the manifest asked for, to show what a later version adds. */
  readonly requested?: Permissions;
}

/** The versions that an application last ran with. */
export interface Lockfile {
  /** By name, without a prototype. */
  readonly plugins: Readonly<Record<string, LockEntry>>;
}

/** A lockfile with these entries. */
export function lockfileOf(entries: Iterable<readonly [name: string, entry: LockEntry]>): Lockfile {
  const plugins = Object.create(null) as Record<string, LockEntry>;
  for (const [name, entry] of entries) plugins[name] = entry;
  return Object.freeze({ plugins: Object.freeze(plugins) });
}

/** What a host without a lockfile has. */
export const EMPTY_LOCKFILE: Lockfile = lockfileOf([]);

/** The versions by name, for {@link ResolveRequest.locked}. */
export function lockedVersions({ plugins }: Lockfile): Record<string, string> {
  return Object.fromEntries(Object.entries(plugins).map(([name, { version }]) => [name, version]));
}

/**
 * A lockfile with some entries replaced or added; what was requested once stays so. Entries that are not among them stay: a
 * host loads its plugins one after the other. `only` names those that may stay; the others are dropped.
 */
export function updateLockfile(
  { plugins }: Lockfile,
  changed: Iterable<readonly [name: string, entry: LockEntry]>,
  only?: ReadonlySet<string>,
): Lockfile {
  const merged = new Map(Object.entries(plugins));
  for (const [name, entry] of changed) {
    const isKept = merged.get(name)?.requested === true && entry.requested !== true;
    merged.set(name, isKept ? Object.freeze({ ...entry, requested: true }) : entry);
  }
  return lockfileOf([...merged].filter(([name]) => only === undefined || only.has(name)));
}

/** What was granted to a plugin, if it still asks for the same. */
export function rememberedGrant(
  { plugins }: Lockfile,
  manifest: Pick<Manifest, 'name' | 'permissions'>,
): Permissions | undefined {
  const permissions = plugins[manifest.name]?.permissions;
  return permissions?.asked === dataDigest(manifest.permissions) ? permissions.granted : undefined;
}
