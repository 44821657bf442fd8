import { type BigIntStats, closeSync, constants, existsSync, fstatSync } from 'node:fs';
import { type Anchor, assertFolder, assertRegular } from './anchor.js';
import { hostOpen } from './host-open.js';
import { refusePseudoFilesystem } from './pseudo-filesystem.js';

/** Names a file without opening it: no permission asked, no device touched. The same on every Linux that Node runs on. */
const O_PATH = 0x200000;
const ENTRY = O_PATH | constants.O_NOFOLLOW;
const FOLDER = O_PATH | constants.O_DIRECTORY;

/** Whether directories can be held by descriptor here: Linux with /proc mounted. */
export function hasDescriptorPaths(): boolean {
  return process.platform === 'linux' && existsSync('/proc/self/fd');
}

/**
 * A directory held by descriptor. Node has no `openat`; on Linux `/proc/self/fd/<n>/name` is the same: the kernel goes
 * from `<n>` to the open directory itself, whatever its path has become since. See proc_pid_fd(5) and open(2), O_PATH.
 */
export class DescriptorAnchor implements Anchor {
  readonly #fd: number;

  private constructor(fd: number) {
    this.#fd = fd;
  }

  /** `path` is the host's own word; its last component must not be a link. */
  static root(path: string): DescriptorAnchor {
    return new DescriptorAnchor(hostOpen(path, FOLDER | constants.O_NOFOLLOW));
  }

  stat(): BigIntStats {
    return fstatSync(this.#fd, { bigint: true });
  }

  entry(name: string): string {
    return `/proc/self/fd/${this.#fd}/${name}`;
  }

  self(): string {
    return `/proc/self/fd/${this.#fd}`;
  }

  child(name: string): Anchor {
    const fd = hostOpen(this.entry(name), ENTRY);
    try {
      const stat = fstatSync(fd, { bigint: true });
      assertFolder(stat, name);
      this.#assertOrdinary(fd, stat);
      return new DescriptorAnchor(fd);
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  }

  again(): Anchor {
    return new DescriptorAnchor(hostOpen(this.self(), FOLDER));
  }

  openExisting(name: string, flags: number): number {
    const fd = hostOpen(this.entry(name), ENTRY);
    try {
      const stat = fstatSync(fd, { bigint: true });
      assertRegular(stat, name);
      this.#assertOrdinary(fd, stat);
      // Through the descriptor: what is opened is what was looked at, though the name may be another file's by now.
      return hostOpen(`/proc/self/fd/${fd}`, flags);
    } finally {
      closeSync(fd);
    }
  }

  close(): void {
    closeSync(this.#fd);
  }

  /** Only where another file system begins can a pseudo one begin. */
  #assertOrdinary(fd: number, stat: BigIntStats): void {
    if (stat.dev !== this.stat().dev) refusePseudoFilesystem(`/proc/self/fd/${fd}`);
  }
}
