import { join, posix } from 'node:path';
import type { FolderMount, MountTarget, Permissions } from '../manifest/permissions.js';

/** What a plugin may see of the file system: guest path → host path, one mount for a guest path. */
export interface Mounts {
  readonly read: Readonly<Record<string, string>>;
  /** Read and write. A path in here is never in `read` too. */
  readonly write: Readonly<Record<string, MountTarget>>;
}

/** A guest path that was asked for and that no grant covers. */
export interface UncoveredPath {
  readonly mode: 'read' | 'write';
  readonly path: string;
}

/**
 * The mounts that are asked for and granted. A grant covers its guest path and all below it; the longest one decides
 * what stands behind the path, never the manifest; of two quotas the lower one holds. Asking for many paths below one
 * grant with a quota gives no more than asking for one: they share it in equal parts. A write grant of a folder also
 * covers reading; where a read and a write grant name the same path, reading uses the read grant.
 */
export function grantMounts(
  asked: Permissions['fs'],
  granted: Permissions['fs'],
): { readonly mounts: Mounts; readonly uncovered: readonly UncoveredPath[] } {
  const writeGrants = grantList(granted.write);
  const folders = writeGrants.flatMap(({ guest, host }) =>
    isScratch(host) ? [] : [{ guest, host: pathOf(host) }],
  );
  const readGrants = [...grantList(granted.read), ...folders];
  const uncovered: UncoveredPath[] = [];
  const resolve = <Target extends MountTarget>(
    mode: 'read' | 'write',
    entries: ReadonlyMap<string, Target>,
    grants: readonly GrantedPath<Target>[],
  ) =>
    withShares([...entries].map(([path, wanted]) => ({ path, wanted, grant: bestOf(path, grants) }))).flatMap(
      ({ path, wanted, grant, share }): [string, Target][] => {
        if (grant === undefined) uncovered.push({ mode, path });
        return grant === undefined ? [] : [[path, targetOf(path, wanted, grant, share) as Target]];
      },
    );

  const write = resolve('write', byGuestPath(asked.write), writeGrants);
  const written = new Set(write.map(([path]) => path));
  const toRead = new Map([...byGuestPath(asked.read)].filter(([path]) => !written.has(path)));
  const read = resolve('read', toRead, readGrants);
  const mounts = Object.freeze({
    read: Object.freeze(Object.fromEntries(read)),
    write: Object.freeze(Object.fromEntries(write)),
  });
  return { mounts, uncovered };
}

interface GrantedPath<Target> {
  readonly guest: string;
  readonly host: Target;
}

/** An absolute guest path without `.`, `..`, repeated or trailing slashes. */
export function canonicalGuestPath(path: string): string {
  const absolute = posix.normalize(`/${path}`);
  return absolute.length > 1 && absolute.endsWith('/') ? absolute.slice(0, -1) : absolute;
}

function byGuestPath<Target>(mounts: Readonly<Record<string, Target>>): Map<string, Target> {
  return new Map(Object.entries(mounts).map(([path, target]) => [canonicalGuestPath(path), target]));
}

function grantList<Target>(mounts: Readonly<Record<string, Target>>): GrantedPath<Target>[] {
  return Object.entries(mounts).map(([guest, host]) => ({ guest: canonicalGuestPath(guest), host }));
}

/** The longest grant that covers a path. */
function bestOf<Target>(
  path: string,
  grants: readonly GrantedPath<Target>[],
): GrantedPath<Target> | undefined {
  let best: GrantedPath<Target> | undefined;
  for (const grant of grants) {
    if (covers(grant.guest, path) && (best === undefined || grant.guest.length > best.guest.length))
      best = grant;
  }
  return best;
}

/** Each with how many there are of the same grant. */
function withShares<Asked extends { readonly grant: object | undefined }>(
  asked: readonly Asked[],
): (Asked & { readonly share: number })[] {
  return asked.map((one) => ({ ...one, share: asked.filter(({ grant }) => grant === one.grant).length }));
}

/** What the grant says, with the lower quota: of the grant's, the part of one of so many. */
function targetOf(
  path: string,
  wanted: MountTarget,
  { guest, host: granted }: GrantedPath<MountTarget>,
  share: number,
): MountTarget {
  const quotaBytes = Math.min(quotaOf(wanted), Math.floor(quotaOf(granted) / share));
  if (isScratch(granted)) return Object.freeze({ scratch: true, quotaBytes });
  const below = path.slice(guest === '/' ? 0 : guest.length);
  const host = pathOf(granted);
  const hostPath = below === '' || below === '/' ? host : join(host, below);
  return quotaBytes === Number.POSITIVE_INFINITY ? hostPath : Object.freeze({ path: hostPath, quotaBytes });
}

function quotaOf(target: MountTarget): number {
  return typeof target === 'string' ? Number.POSITIVE_INFINITY : target.quotaBytes;
}

/** Does it live in memory? */
export function isScratch(target: MountTarget): target is Exclude<MountTarget, string | FolderMount> {
  return typeof target === 'object' && 'scratch' in target;
}

/** The folder on the host. */
export function pathOf(target: string | FolderMount): string {
  return typeof target === 'string' ? target : target.path;
}

function covers(outer: string, inner: string): boolean {
  return outer === '/' || inner === outer || inner.startsWith(`${outer}/`);
}
