import { Fault, refusePath } from './fault.js';
import { FILE_TYPE, type FileStat, type Folder, MAX_DEPTH } from './file-tree.js';

/** What a name costs beside its file's bytes: empty files and directories fill disks and memory too. */
export const ENTRY_BYTES = 1024;
/** A mount with more entries counts as full: walking it would take longer than a call may. */
const MAX_MEASURED_ENTRIES = 100_000;
/** Entries between two looks at the deadline. */
const BREATH = 256;

/**
 * How many bytes a mount holds, and may hold. What is there is measured at the guest's first change and followed from
 * then on; what others write meanwhile is not seen, so instances that share a mount share no quota.
 */
export class Quota {
  readonly #limit: number;
  readonly #root: Folder;
  readonly #breathe: () => void;
  /** Open files by identity, with how many descriptors each has. */
  readonly #open = new Map<string, number>();
  #used: number | undefined;

  /** `breathe` is called now and then while a large mount is measured; what it throws ends that. */
  constructor(limit: number, root: Folder, breathe: () => void = () => {}) {
    this.#limit = limit;
    this.#root = root;
    this.#breathe = breathe;
  }

  /** Measures the mount if nobody has yet. Has to come before a change that is charged after it is made. */
  measure(): number {
    this.#used ??= new Measure(this.#limit, this.#breathe).of(this.#root);
    return this.#used;
  }

  /** Throws ENOSPC, and takes nothing, where `bytes` do not fit. */
  charge(bytes: number): void {
    const used = this.measure();
    if (used + bytes > this.#limit) {
      throw refusePath('NOSPC', 'quota', `The mount may hold ${this.#limit} bytes`, {
        limit: this.#limit,
        observed: Math.min(used + bytes, Number.MAX_SAFE_INTEGER),
      });
    }
    this.#used = used + bytes;
  }

  /** Bytes that still fit. */
  room(): number {
    return Math.max(0, this.#limit - this.measure());
  }

  refund(bytes: number): void {
    // What is gone before the first measurement was never counted.
    if (this.#used !== undefined) this.#used = Math.max(0, this.#used - bytes);
  }

  opened(stat: FileStat): void {
    const key = identity(stat);
    this.#open.set(key, (this.#open.get(key) ?? 0) + 1);
  }

  /** A file that has lost its name keeps its bytes until the last descriptor goes. */
  closed(stat: FileStat): void {
    const key = identity(stat);
    const left = (this.#open.get(key) ?? 1) - 1;
    if (left > 0) {
      this.#open.set(key, left);
      return;
    }
    this.#open.delete(key);
    if (stat.links === 0n) this.refund(Number(stat.size));
  }

  /** What the removal of an entry's name gives back; asked before it is removed. */
  worth(stat: FileStat): number {
    this.measure();
    const freed = stat.type === FILE_TYPE.file && stat.links === 1n && !this.#open.has(identity(stat));
    return ENTRY_BYTES + (freed ? Number(stat.size) : 0);
  }
}

function identity(stat: FileStat): string {
  return `${stat.device}:${stat.inode}`;
}

/** Adds up a tree; it stops where the answer is known to be "full". */
class Measure {
  readonly #limit: number;
  readonly #breathe: () => void;
  #bytes = 0;
  #entries = 0;

  constructor(limit: number, breathe: () => void) {
    this.#limit = limit;
    this.#breathe = breathe;
  }

  of(folder: Folder): number {
    try {
      this.#add(folder);
    } catch (error) {
      // Too many names in one directory, or one that is not to be entered.
      if (!(error instanceof Fault)) throw error;
      this.#bytes = Number.POSITIVE_INFINITY;
    }
    return this.#bytes;
  }

  #add(folder: Folder): void {
    for (const name of folder.names(MAX_MEASURED_ENTRIES)) {
      this.#entries += 1;
      if (this.#entries > MAX_MEASURED_ENTRIES) this.#bytes = Number.POSITIVE_INFINITY;
      if (this.#bytes > this.#limit) return;
      if (this.#entries % BREATH === 0) this.#breathe();
      const stat = folder.statEntry(name);
      this.#bytes += ENTRY_BYTES + (stat.type === FILE_TYPE.file ? Number(stat.size) : 0);
      if (stat.type === FILE_TYPE.folder) this.#enter(folder, name);
    }
  }

  #enter(folder: Folder, name: string): void {
    if (folder.depth >= MAX_DEPTH) {
      this.#bytes = Number.POSITIVE_INFINITY;
      return;
    }
    const inner = folder.folder(name);
    try {
      this.#add(inner);
    } finally {
      inner.close();
    }
  }
}
