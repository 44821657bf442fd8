import type { PluginCandidate } from '../catalog/catalog-source.js';
import { requireFrozen, verifyLockedManifest } from '../resolver/lockfile/frozen.js';
import { lockEntry } from '../resolver/lockfile/lock-entry.js';
import {
  type Lockfile,
  lockedVersions,
  rememberedGrant,
  updateLockfile,
} from '../resolver/lockfile/lockfile.js';
import { readLockfile, writeLockfile } from '../resolver/lockfile/lockfile-file.js';
import type { Resolution, ResolvedPlugin } from '../resolver/resolution.js';
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

/** What resolution has to know. A frozen set is not upgraded. */
export function lockedPart(
  lock: Lock | undefined,
  upgrade: readonly string[],
): { readonly locked?: Record<string, string>; readonly upgrade?: readonly string[] } {
  if (!lock) return {};
  return { locked: lockedVersions(lock.content), upgrade: lock.frozen ? [] : upgrade };
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

/** What was answered about a plugin before, if it still asks for the same. */
export function rememberedAnswer(lock: Lock | undefined, manifest: PluginCandidate['manifest']) {
  return lock && rememberedGrant(lock.content, manifest);
}

/**
 * Takes plugins that were loaded into the file, beside what is there by now: other processes may have written meanwhile.
 * @throws ERR_OPTIONS where the file cannot be written
 */
export async function recordInLock(lock: Lock | undefined, loaded: readonly LoadedPlugin[]): Promise<void> {
  if (!lock || lock.frozen || loaded.length === 0) return;
  const entries = loaded.map(([plugin, { manifest, modules, answered }]) => {
    const evidence = { manifest, modules, ...(answered && { granted: answered }) };
    return [plugin.name, lockEntry(plugin, evidence)] as const;
  });
  await writeLockfile(lock.path, updateLockfile(await readLockfile(lock.path), entries));
}
