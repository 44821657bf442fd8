import type { BigIntStats } from 'node:fs';
import { Fault, quoted, refusePath } from './fault.js';

/**
 * How an open directory of the host is held on to, and how its entries are reached from it. There are two ways: by
 * descriptor (Linux) and by path (elsewhere).
 */
export interface Anchor {
  stat(): BigIntStats;
  /** A host path of the entry, for one immediate system call that does not follow its last component. */
  entry(name: string): string;
  /** A host path of the directory itself, for one immediate system call. */
  self(): string;
  /** ENOTDIR, or ELOOP for a symbolic link. */
  child(name: string): Anchor;
  again(): Anchor;
  /** Opens a regular file that exists; anything else is refused before it is opened, so no FIFO can block. */
  openExisting(name: string, flags: number): number;
  close(): void;
}

/** Answers ELOOP for a symbolic link and ENOTCAPABLE for a device, FIFO or socket. */
export function assertRegular(stat: BigIntStats, name: string): void {
  if (stat.isFile()) return;
  if (stat.isSymbolicLink()) throw symlinkRefused(name);
  if (stat.isDirectory()) throw new Fault('ISDIR');
  throw refusePath('NOTCAPABLE', 'special-file', `${quoted(name)} is a device, FIFO or socket`);
}

export function assertFolder(stat: BigIntStats, name: string): void {
  if (stat.isDirectory()) return;
  throw stat.isSymbolicLink() ? symlinkRefused(name) : new Fault('NOTDIR');
}

/** A file with a second name may be somebody else's outside the mount: it can be read, never changed. */
export function hardLinkRefused(name: string, links: bigint): Fault {
  return refusePath('PERM', 'hard-link', `${name} has more than one hard link and may not be changed`, {
    links: Number(links),
  });
}

export function symlinkRefused(name: string): Fault {
  return refusePath('LOOP', 'symlink', `${quoted(name)} is a symbolic link; links are never followed`);
}
