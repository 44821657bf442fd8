import type { HttpRule, MountTarget, Permissions } from '../manifest/permissions.js';
import { intersectHosts } from './host-pattern.js';
import { canonicalRule } from './http-rule.js';
import { canonicalGuestPath } from './mounts.js';

/**
 * The entries of `asked` that `before` does not cover. A rule for HTTP is covered by a wider one, a path to read by the same
 * path to write. Reasons make no difference, but a quota or another host path does.
 */
export function notCovered(asked: Permissions, before: Permissions): Permissions {
  const rules = before.http.map(canonicalRule);
  const functions = new Set(before.hostFunctions.map(({ name }) => name));
  return {
    http: asked.http.filter((rule) => !rules.some((known) => covers(known, canonicalRule(rule)))),
    fs: {
      read: otherMounts(asked.fs.read, { ...before.fs.read, ...before.fs.write }),
      write: otherMounts(asked.fs.write, before.fs.write),
    },
    env: asked.env.filter((name) => !before.env.includes(name)),
    hostFunctions: asked.hostFunctions.filter(({ name }) => !functions.has(name)),
    plugins: asked.plugins.filter((name) => !before.plugins.includes(name)),
  };
}

function covers(wide: HttpRule, narrow: HttpRule): boolean {
  return (
    intersectHosts(wide.host, narrow.host) === narrow.host &&
    coversList(wide.schemes, narrow.schemes) &&
    coversList(wide.ports, narrow.ports) &&
    coversList(wide.methods, narrow.methods)
  );
}

/** Absent is everything. */
function coversList<T>(wide: readonly T[] | undefined, narrow: readonly T[] | undefined): boolean {
  return wide === undefined || (narrow?.every((item) => wide.includes(item)) ?? false);
}

function otherMounts<Target extends MountTarget>(
  asked: Readonly<Record<string, Target>>,
  before: Readonly<Record<string, MountTarget>>,
): Readonly<Record<string, Target>> {
  const known = new Map(Object.entries(before).map(([path, target]) => [canonicalGuestPath(path), target]));
  return Object.fromEntries(
    Object.entries(asked).filter(([path, target]) => {
      const other = known.get(canonicalGuestPath(path));
      return other === undefined || !isWithin(target, other);
    }),
  );
}

/** The same place, with as much room or less. */
function isWithin(target: MountTarget, other: MountTarget): boolean {
  if (placeOf(target) !== placeOf(other)) return false;
  return roomOf(target) <= roomOf(other);
}

function placeOf(target: MountTarget): string | undefined {
  if (typeof target === 'string') return target;
  return 'path' in target ? target.path : undefined;
}

function roomOf(target: MountTarget): number {
  return typeof target === 'string' ? Number.POSITIVE_INFINITY : target.quotaBytes;
}
