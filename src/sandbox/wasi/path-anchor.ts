import { type BigIntStats, closeSync, constants, fstatSync, lstatSync } from 'node:fs';
import { join } from 'node:path';
import { type Anchor, assertFolder, assertRegular, symlinkRefused } from './anchor.js';
import { Fault } from './fault.js';
import { hostOpen } from './host-open.js';

/** Both absent on Windows. */
const SAFE_FLAGS = (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/**
 * A directory held by path, where descriptors cannot be walked. Every directory from the mount's root down is looked
 * at again before each use, and an opened file must be the one that was looked at. A guest cannot make links, so this
 * holds against guests; it does not hold against another process of the host that swaps directories between the look
 * and the use.
 */
export class PathAnchor implements Anchor {
  readonly #path: string;
  readonly #parent: PathAnchor | undefined;
  readonly #seen: BigIntStats;

  private constructor(path: string, parent: PathAnchor | undefined, seen: BigIntStats) {
    this.#path = path;
    this.#parent = parent;
    this.#seen = seen;
  }

  /** `path` is the host's own word; its last component must not be a link. */
  static root(path: string): PathAnchor {
    const seen = lstatSync(path, { bigint: true });
    assertFolder(seen, path);
    return new PathAnchor(path, undefined, seen);
  }

  stat(): BigIntStats {
    return lstatSync(this.self(), { bigint: true });
  }

  entry(name: string): string {
    return join(this.self(), name);
  }

  self(): string {
    this.#parent?.self();
    const now = lstatSync(this.#path, { bigint: true });
    if (!isSame(now, this.#seen) || !now.isDirectory()) throw new Fault('STALE');
    return this.#path;
  }

  child(name: string): Anchor {
    const path = this.entry(name);
    const seen = lstatSync(path, { bigint: true });
    assertFolder(seen, name);
    return new PathAnchor(path, this, seen);
  }

  again(): Anchor {
    return new PathAnchor(this.self(), this.#parent, this.#seen);
  }

  openExisting(name: string, flags: number): number {
    const path = this.entry(name);
    const seen = lstatSync(path, { bigint: true });
    assertRegular(seen, name);
    const fd = hostOpen(path, flags | SAFE_FLAGS);
    if (isSame(fstatSync(fd, { bigint: true }), seen)) return fd;
    closeSync(fd);
    throw symlinkRefused(name);
  }

  close(): void {}
}

function isSame(one: BigIntStats, other: BigIntStats): boolean {
  return one.dev === other.dev && one.ino === other.ino;
}
