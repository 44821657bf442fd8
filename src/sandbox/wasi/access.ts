import type { Descriptor, FileDescriptor, FolderDescriptor } from './descriptors.js';
import { Fault, quoted, refusePath } from './fault.js';
import type { GuestPath } from './paths.js';
import { WRITE_RIGHTS } from './rights.js';

/** As much of a path as messages show. */
const MAX_SHOWN = 512;

/**
 * ENOTCAPABLE without the right; EROFS, and a refusal, where it is missing because the mount is for reading. `path` is
 * what the guest wants to reach from a directory.
 */
export function requireRight(descriptor: Descriptor, right: bigint, path?: GuestPath): void {
  if (descriptor.kind !== 'stream')
    descriptor.mount.onUse?.[(right & WRITE_RIGHTS) === 0n ? 'read' : 'write']();
  const missing = right & ~descriptor.rights.base;
  if (missing === 0n) return;
  if (descriptor.kind !== 'stream' && (missing & WRITE_RIGHTS) !== 0n) assertWritable(descriptor, path);
  throw new Fault('NOTCAPABLE');
}

/** EROFS on a read mount. */
export function assertWritable(descriptor: FileDescriptor | FolderDescriptor, path?: GuestPath): void {
  const { mount } = descriptor;
  mount.onUse?.write();
  if (mount.writable) return;
  const name = quoted(pathBelow(descriptor, path) || '.');
  throw refusePath(
    'ROFS',
    'read-only',
    `The guest tried to change ${name} in ${mount.guestPath}, which is granted for reading only (permissions.fs.read)`,
    { mount: mount.guestPath },
  );
}

/** Where `path` leads from a descriptor, seen from its mount; for messages. */
export function pathBelow(base: FileDescriptor | FolderDescriptor, path?: GuestPath): string {
  if (path === undefined) return base.path;
  return (base.path === '' ? path.text : `${base.path}/${path.text}`).slice(0, MAX_SHOWN);
}
