import { Fault, refusePath } from './fault.js';
import { FILE_TYPE, type FileStat, type Folder, MAX_DEPTH } from './file-tree.js';
import { QuotaUse } from './quota-use.js';

/** What a name costs beside its file's bytes: empty files and directories fill disks and memory too. */
export const ENTRY_BYTES = 1024;
/** A mount with more entries counts as full: walking it would take longer than a call may. */
const MAX_MEASURED_ENTRIES = 100_000;
/** Entries between two looks at the deadline. */
const BREATH = 256;

/**
 * Holds a mount to the bytes that it may have. What is there is measured at the first change, and followed from then on.
 * Instances that share a {@link QuotaUse} keep one count; what others add or remove is seen when it is measured again, which
 * is at most once a second, and only where something would not fit.
 */
export class Quota {
  readonly #limit: number;
  readonly #root: Folder;
  readonly #breathe: () => void;
  readonly #use: QuotaUse;
  /** Open files by identity, with how many descriptors each has. */
  readonly #open = new Map<string, number>();
  /** Open files whose names this instance has removed: their bytes come back with the last descriptor. */
  readonly #nameless = new Set<string>();

  /** `breathe` is called now and then while a large mount is measured; what it throws ends that. */
  constructor(limit: number, root: Folder, breathe: () => void = () => {}, use: QuotaUse = new QuotaUse()) {
    this.#limit = limit;
    this.#root = root;
    this.#breathe = breathe;
    this.#use = use;
  }

  /** Measures the mount if nobody has yet. Has to come before a change that is charged after it is made. */
  measure(): number {
    if (!this.#use.isMeasured) this.#use.begin(this.#measured());
    return this.#use.bytes;
  }

  /** Throws ENOSPC, and takes nothing, where `bytes` do not fit. */
  charge(bytes: number): void {
    this.measure();
    if (this.#use.take(bytes, this.#limit)) return;
    if (this.#use.isStale) {
      this.#use.set(this.#measured());
      if (this.#use.take(bytes, this.#limit)) return;
    }
    throw refusePath('NOSPC', 'quota', `The mount may hold ${this.#limit} bytes`, {
      limit: this.#limit,
      observed: Math.min(this.#use.bytes + bytes, Number.MAX_SAFE_INTEGER),
    });
  }

  /** Bytes that still fit. */
  room(): number {
    return Math.max(0, this.#limit - this.measure());
  }

  refund(bytes: number): void {
    // What is gone before the first measurement was never counted.
    if (this.#use.isMeasured) this.#use.give(bytes);
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
    // Where another instance removed the name, that has given the bytes back.
    if (this.#nameless.delete(key) && stat.links === 0n) this.refund(Number(stat.size));
  }

  /** What the removal of an entry's name gives back; asked before it is removed. */
  worth(stat: FileStat): number {
    this.measure();
    if (stat.type !== FILE_TYPE.file || stat.links !== 1n) return ENTRY_BYTES;
    const key = identity(stat);
    if (!this.#open.has(key)) return ENTRY_BYTES + Number(stat.size);
    this.#nameless.add(key);
    return ENTRY_BYTES;
  }

  #measured(): number {
    return new Measure(this.#limit, this.#breathe).of(this.#root);
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
