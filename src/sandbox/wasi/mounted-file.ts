import { type Fault, refusePath } from './fault.js';
import type { FileStat, NewTimes, OpenFile } from './file-tree.js';
import type { Quota } from './quota.js';

/** An open file held to the size of one file and to its mount's quota. */
export class MountedFile {
  readonly #file: OpenFile;
  readonly #quota: Quota | undefined;
  readonly #maxBytes: number;

  constructor(file: OpenFile, quota: Quota | undefined, maxBytes: number) {
    this.#file = file;
    this.#quota = quota;
    this.#maxBytes = maxBytes;
    quota?.opened(file.stat());
  }

  stat(): FileStat {
    return this.#file.stat();
  }

  size(): number {
    return Number(this.#file.stat().size);
  }

  read(into: Uint8Array, position: number): number {
    return this.#file.read(into, position);
  }

  /** Writes what fits; EFBIG or ENOSPC where nothing does. */
  write(from: Uint8Array, position: number): number {
    if (from.byteLength === 0) return 0;
    if (position >= this.#maxBytes) throw this.#tooLarge(position + from.byteLength);
    const allowed = from.subarray(0, Math.min(from.byteLength, this.#maxBytes - position));
    return this.#quota === undefined
      ? this.#file.write(allowed, position)
      : this.#writeWithin(this.#quota, allowed, position);
  }

  resize(size: number): void {
    if (size > this.#maxBytes) throw this.#tooLarge(size);
    const before = this.size();
    if (size > before) this.#quota?.charge(size - before);
    this.#settled(Math.max(size, before), () => this.#file.resize(size));
  }

  setTimes(times: NewTimes): void {
    this.#file.setTimes(times);
  }

  sync(): void {
    this.#file.sync();
  }

  close(): void {
    try {
      this.#quota?.closed(this.#file.stat());
    } finally {
      this.#file.close();
    }
  }

  #writeWithin(quota: Quota, from: Uint8Array, position: number): number {
    const before = this.size();
    const fits = Math.min(from.byteLength, Math.max(0, before + quota.room() - position));
    const taken = fits > 0 ? from.subarray(0, fits) : from;
    const charged = Math.max(before, position + taken.byteLength);
    quota.charge(charged - before);
    return this.#settled(charged, () => this.#file.write(taken, position));
  }

  /** Runs a change that was paid for up to a size of `charged`, then gives back what the file is short of it. */
  #settled<Result>(charged: number, change: () => Result): Result {
    if (this.#quota === undefined) return change();
    try {
      return change();
    } finally {
      const unused = charged - this.size();
      if (unused > 0) this.#quota.refund(unused);
    }
  }

  #tooLarge(observed: number): Fault {
    return refusePath('FBIG', 'file-bytes', `A file may have ${this.#maxBytes} bytes (limit fileBytes)`, {
      limit: this.#maxBytes,
      observed,
    });
  }
}
