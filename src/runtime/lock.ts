import type { PluginCandidate } from '../catalog/catalog-source.js';
import { cordonError } from '../errors/cordon-error.js';
import { nearestName } from '../errors/nearest-name.js';
import type { Manifest } from '../manifest/manifest.js';
import { requireFrozen, verifyLockedManifest } from '../resolver/lockfile/frozen.js';
import { lockEntry } from '../resolver/lockfile/lock-entry.js';
import {
  type LockEntry,
  type Lockfile,
  lockedVersions,
  rememberedGrant,
  updateLockfile,
} from '../resolver/lockfile/lockfile.js';
import { readLockfile, writeLockfile } from '../resolver/lockfile/lockfile-file.js';
import { neededEntries } from '../resolver/lockfile/needed-entries.js';
import type { ResolveRequest } from '../resolver/request.js';
import type { Resolution, ResolvedPlugin } from '../resolver/resolution.js';
import type { Earlier } from './grant-permissions.js';
import type { PluginUnit } from './plugin-unit.js';
import type { RuntimeOptions } from './runtime-options.js';

/** The lockfile as one load found it. */
export interface Lock {
  readonly path: string;
  /** The set has to be the locked one, and the file is never written. */
  readonly frozen: boolean;
  readonly content: Lockfile;
}

/** A plugin of a set and what came of it. */
export type LoadedPlugin = readonly [plugin: ResolvedPlugin<PluginCandidate>, unit: PluginUnit];

/**
 * Reads the lockfile, anew for each load: a person or version control may have changed it since.
 * @throws ERR_OPTIONS naming the file: a merge conflict, a newer format, or what does not fit
 */
export async function openLock(
  { lockfile }: RuntimeOptions,
  signal?: AbortSignal,
): Promise<Lock | undefined> {
  return lockfile === false ? undefined : { ...lockfile, content: await readLockfile(lockfile.path, signal) };
}

/**
 * What resolution has to know. `replaced` is the plugin of a reload, which is upgraded too, but never in a frozen set.
 * @throws ERR_OPTIONS where a frozen set is to be upgraded
 */
export function lockedPart(
  lock: Lock | undefined,
  upgrade: boolean | readonly string[],
  replaced: Pick<PluginUnit, 'name'> | undefined,
): Pick<ResolveRequest<PluginCandidate>, 'locked' | 'upgrade'> {
  if (!lock) return {};
  const locked = lockedVersions(lock.content);
  if (lock.frozen) {
    if (upgrade === false) return { locked };
    throw cordonError(
      'ERR_OPTIONS',
      `The option "upgrade" asks for other versions than those of ${lock.path}, which is frozen. Upgrade on a host ` +
        'whose lockfile is not.',
      { details: { file: lock.path } },
    );
  }
  if (typeof upgrade === 'boolean') {
    return { locked, upgrade: upgrade ? 'all' : replaced ? [replaced.name] : [] };
  }
  return { locked, upgrade };
}

/**
 * A name that is to be upgraded and that is in no set and not locked is a slip.
 * @throws ERR_OPTIONS
 */
export function checkUpgraded(
  upgrade: boolean | readonly string[],
  { order }: Resolution<PluginCandidate>,
  lock: Lock | undefined,
): void {
  if (typeof upgrade === 'boolean') return;
  const known = new Set([...order.map(({ name }) => name), ...Object.keys(lock?.content.plugins ?? {})]);
  for (const name of upgrade) {
    if (known.has(name)) continue;
    const nearest = nearestName(name, known);
    throw cordonError(
      'ERR_OPTIONS',
      `The option "upgrade" names ${name}, which these plugins do not need.${nearest ? ` Did you mean ${nearest}?` : ''}`,
      { plugin: name, details: { ...(nearest !== undefined && { nearest }) } },
    );
  }
}

/**
 * Holds a resolution against the lockfile.
 * @throws ERR_RESOLUTION where it is frozen and anything differs; ERR_INTEGRITY where a manifest is not as it was
 */
export function checkAgainstLock(lock: Lock | undefined, resolution: Resolution<PluginCandidate>): void {
  if (!lock) return;
  for (const { candidate, isLoaded } of resolution.order) {
    if (!isLoaded) verifyLockedManifest(lock.content, candidate.manifest, candidate.origin);
  }
  if (lock.frozen) requireFrozen(lock.content, resolution, { file: lock.path });
}

/** What was answered about a plugin before, if it still asks for the same, and what the version before asked for. */
export function earlierAnswer(
  lock: Lock | undefined,
  manifest: Manifest,
  serving: Manifest | undefined,
): Earlier {
  const entry = lock?.content.plugins[manifest.name];
  const requested = entry?.permissions?.requested;
  return {
    remembered: lock && rememberedGrant(lock.content, manifest),
    previous: serving
      ? { version: serving.version, permissions: serving.permissions }
      : entry && requested && { version: entry.version, permissions: requested },
  };
}

/** What a load or reload came to. */
export interface LoadRecord {
  readonly loaded: readonly LoadedPlugin[];
  /** The names that were asked for, loaded or there already. */
  readonly requested: readonly string[];
  /** All that runs. */
  readonly running: Iterable<string>;
}

/**
 * Takes plugins that were loaded into the file, beside what is there by now: other processes may have written meanwhile.
 * What neither the program has ever asked for, nor runs, nor is needed by these leaves the file.
 * @throws ERR_OPTIONS where the file cannot be written
 */
export async function recordInLock(
  lock: Lock | undefined,
  { loaded, requested, running }: LoadRecord,
): Promise<void> {
  if (!lock || lock.frozen) return;
  const { plugins } = lock.content;
  const isNews = requested.some((name) => plugins[name] !== undefined && plugins[name].requested !== true);
  if (loaded.length === 0 && !isNews) return;
  const content = await readLockfile(lock.path);
  const entries = new Map<string, LockEntry>();
  for (const name of requested) {
    const entry = content.plugins[name];
    if (entry) entries.set(name, Object.freeze({ ...entry, requested: true }));
  }
  for (const [plugin, { manifest, modules, answered }] of loaded) {
    const evidence = {
      manifest,
      modules,
      requested: requested.includes(plugin.name),
      ...(answered && { granted: answered }),
    };
    entries.set(plugin.name, lockEntry(plugin, evidence));
  }
  const all = updateLockfile(content, entries);
  const names = [...running, ...loaded.map(([{ name }]) => name)];
  await writeLockfile(lock.path, updateLockfile(all, [], neededEntries(all, names)));
}
