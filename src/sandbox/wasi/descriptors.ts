import { Fault, refusePath } from './fault.js';
import type { Folder } from './file-tree.js';
import type { Mount } from './mount.js';
import type { MountedFile } from './mounted-file.js';
import type { Rights } from './rights.js';

interface Common {
  rights: Rights;
  /** The flags of preview 1's `fdflags`, as the guest set them. */
  flags: number;
}

/** A standard stream; it is no descriptor of the host. */
export interface StreamDescriptor extends Common {
  readonly kind: 'stream';
  readonly stream: 'stdin' | 'stdout' | 'stderr';
}

export interface FileDescriptor extends Common {
  readonly kind: 'file';
  readonly file: MountedFile;
  readonly mount: Mount;
  /** Below the mount, for messages. */
  readonly path: string;
  position: number;
}

export interface FolderDescriptor extends Common {
  readonly kind: 'folder';
  readonly folder: Folder;
  readonly mount: Mount;
  /** Below the mount, for messages; empty for the mount itself. */
  readonly path: string;
  readonly preopen: boolean;
  /** The names as they were when the guest began to list. */
  listing: readonly string[] | undefined;
}

export type Descriptor = StreamDescriptor | FileDescriptor | FolderDescriptor;

/** Places that the guests of many instances share. */
export interface SharedPlaces {
  readonly limit: number;
  /** Takes one; false where none is left. */
  take(): boolean;
  give(): void;
}

const FIRST_FREE = 3;

/** The guest's descriptor numbers. They have nothing to do with the host's. */
export class DescriptorTable {
  readonly #limit: number;
  readonly #shared: SharedPlaces | undefined;
  readonly #open = new Map<number, Descriptor>();
  #lowestFree = FIRST_FREE;
  #counted = 0;

  /** `limit` bounds what the guest opens, `shared` what it opens together with others; streams and mounts are not counted. */
  constructor(limit: number, shared?: SharedPlaces) {
    this.#limit = limit;
    this.#shared = shared;
  }

  /** Files and directories that the guest has open. */
  get counted(): number {
    return this.#counted;
  }

  get(fd: number): Descriptor {
    const descriptor = this.#open.get(fd);
    if (descriptor === undefined) throw new Fault('BADF');
    return descriptor;
  }

  folder(fd: number): FolderDescriptor {
    const descriptor = this.get(fd);
    if (descriptor.kind !== 'folder') throw new Fault('NOTDIR');
    return descriptor;
  }

  /** ESPIPE for a stream, EISDIR for a directory. */
  file(fd: number): FileDescriptor {
    const descriptor = this.get(fd);
    if (descriptor.kind === 'file') return descriptor;
    throw new Fault(descriptor.kind === 'stream' ? 'SPIPE' : 'ISDIR');
  }

  all(): Iterable<Descriptor> {
    return this.#open.values();
  }

  /**
   * Runs what opens a file or directory and adds it. Throws EMFILE or ENFILE, before anything is opened or created, where the
   * guest, or the guests of this host together, may open no more.
   */
  withRoom<Result>(open: () => Result): Result {
    if (this.#counted >= this.#limit) {
      throw refusePath(
        'MFILE',
        'open-files',
        `${this.#limit} files may be open at a time (limit openFiles)`,
        {
          limit: this.#limit,
          observed: this.#counted + 1,
        },
      );
    }
    const shared = this.#shared;
    if (shared && !shared.take()) {
      throw refusePath(
        'NFILE',
        'open-files-budget',
        `All plugins of the host together may have ${shared.limit} files open at a time (budget.openFiles)`,
        { limit: shared.limit, open: this.#counted },
      );
    }
    try {
      return open();
    } catch (error) {
      shared?.give();
      throw error;
    }
  }

  setStream(fd: number, descriptor: StreamDescriptor): void {
    this.#open.set(fd, descriptor);
  }

  /** Adds under the lowest free number from 3 on, as POSIX does. */
  add(descriptor: FileDescriptor | FolderDescriptor): number {
    let fd = this.#lowestFree;
    while (this.#open.has(fd)) fd += 1;
    this.#open.set(fd, descriptor);
    this.#lowestFree = fd + 1;
    if (isCounted(descriptor)) this.#counted += 1;
    return fd;
  }

  close(fd: number): void {
    const descriptor = this.get(fd);
    this.#forget(fd);
    this.#release(descriptor);
  }

  /** `from` becomes `to`, and what `to` was is closed. ENOTSUP where either is a mount. */
  renumber(from: number, to: number): void {
    const moved = this.get(from);
    const replaced = this.get(to);
    if (isPreopen(moved) || isPreopen(replaced)) throw new Fault('NOTSUP');
    if (from === to) return;
    this.#forget(from);
    this.#forget(to);
    this.#open.set(to, moved);
    this.#release(replaced);
  }

  closeAll(): void {
    for (const fd of [...this.#open.keys()]) {
      try {
        this.close(fd);
      } catch {
        // One descriptor that does not close must not keep the others open; nobody is left to tell.
      }
    }
  }

  #forget(fd: number): void {
    this.#open.delete(fd);
    if (fd >= FIRST_FREE) this.#lowestFree = Math.min(this.#lowestFree, fd);
  }

  #release(descriptor: Descriptor): void {
    if (isCounted(descriptor)) {
      this.#counted -= 1;
      this.#shared?.give();
    }
    if (descriptor.kind === 'file') descriptor.file.close();
    else if (descriptor.kind === 'folder') descriptor.folder.close();
  }
}

function isPreopen(descriptor: Descriptor): boolean {
  return descriptor.kind === 'folder' && descriptor.preopen;
}

function isCounted(descriptor: Descriptor): boolean {
  return descriptor.kind !== 'stream' && !isPreopen(descriptor);
}
