import { join, posix } from 'node:path';
import type { Permissions } from '../manifest/permissions.js';

/** What a plugin may see of the file system: guest path → host path, one mount for a guest path. */
export interface Mounts {
  readonly read: Readonly<Record<string, string>>;
  /** Read and write. A path in here is never in `read` too. */
  readonly write: Readonly<Record<string, string>>;
}

/** A guest path that was asked for and that no grant covers. */
export interface UncoveredPath {
  readonly mode: 'read' | 'write';
  readonly path: string;
}

/**
 * The mounts that are asked for and granted. A grant covers its guest path and all below it; the longest one decides,
 * and its host path is used, never the manifest's. A write grant also covers reading; where a read and a write grant
 * name the same path, reading uses the read grant.
 */
export function grantMounts(
  asked: Permissions['fs'],
  granted: Permissions['fs'],
): { readonly mounts: Mounts; readonly uncovered: readonly UncoveredPath[] } {
  const writeGrants = grantList(granted.write);
  const readGrants = [...grantList(granted.read), ...writeGrants];
  const uncovered: UncoveredPath[] = [];
  const resolve = (mode: 'read' | 'write', paths: readonly string[], grants: readonly GrantedPath[]) =>
    paths.flatMap((path): [string, string][] => {
      const host = hostPath(path, grants);
      if (host === undefined) uncovered.push({ mode, path });
      return host === undefined ? [] : [[path, host]];
    });

  const write = resolve('write', guestPaths(asked.write), writeGrants);
  const written = new Set(write.map(([path]) => path));
  const read = resolve(
    'read',
    guestPaths(asked.read).filter((path) => !written.has(path)),
    readGrants,
  );
  const mounts = Object.freeze({
    read: Object.freeze(Object.fromEntries(read)),
    write: Object.freeze(Object.fromEntries(write)),
  });
  return { mounts, uncovered };
}

interface GrantedPath {
  readonly guest: string;
  readonly host: string;
}

/** An absolute guest path without `.`, `..`, repeated or trailing slashes. */
export function canonicalGuestPath(path: string): string {
  const absolute = posix.normalize(`/${path}`);
  return absolute.length > 1 && absolute.endsWith('/') ? absolute.slice(0, -1) : absolute;
}

function guestPaths(mounts: Readonly<Record<string, string>>): string[] {
  return [...new Set(Object.keys(mounts).map(canonicalGuestPath))];
}

function grantList(mounts: Readonly<Record<string, string>>): GrantedPath[] {
  return Object.entries(mounts).map(([guest, host]) => ({ guest: canonicalGuestPath(guest), host }));
}

function hostPath(path: string, grants: readonly GrantedPath[]): string | undefined {
  let best: GrantedPath | undefined;
  for (const grant of grants) {
    if (covers(grant.guest, path) && (best === undefined || grant.guest.length > best.guest.length))
      best = grant;
  }
  if (best === undefined) return undefined;
  return best.guest === path ? best.host : join(best.host, path.slice(best.guest.length));
}

function covers(outer: string, inner: string): boolean {
  return outer === '/' || inner === outer || inner.startsWith(`${outer}/`);
}
