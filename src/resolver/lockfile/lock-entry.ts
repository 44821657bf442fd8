import { dataDigest } from '../../integrity/data-digest.js';
import type { Manifest } from '../../manifest/manifest.js';
import type { Permissions } from '../../manifest/permissions.js';
import type { Candidate } from '../candidate.js';
import type { ResolvedPlugin } from '../resolution.js';
import type { LockEntry } from './lockfile.js';

/** What is known of a plugin only after it was read. */
export interface LockEvidence {
  readonly manifest: Manifest;
  /** The `integrity` of each artifact by the name of its module. */
  readonly modules: Readonly<Record<string, string>>;
  /** It was asked for by name. */
  readonly requested?: boolean;
  /** What was granted by `onPermissionRequest`; absent where nobody was asked. */
  readonly granted?: Permissions;
}

/** The lockfile's entry for a plugin that was resolved and read. */
export function lockEntry<C extends Candidate>(
  { version, candidate, dependencies }: ResolvedPlugin<C>,
  { manifest, modules, granted, requested }: LockEvidence,
): LockEntry {
  return Object.freeze({
    version,
    source: candidate.source,
    manifest: dataDigest(manifest),
    modules: Object.freeze({ ...modules }),
    dependencies: servers(dependencies),
    ...(requested === true && { requested }),
    ...(granted !== undefined && {
      permissions: Object.freeze({
        asked: dataDigest(manifest.permissions),
        granted,
        requested: manifest.permissions,
      }),
    }),
  });
}

/** Who serves each dependency. */
export function servers(
  dependencies: ResolvedPlugin<Candidate>['dependencies'],
): Readonly<Record<string, string>> {
  return Object.freeze(Object.fromEntries(dependencies.map(({ name, plugin }) => [name, plugin])));
}
