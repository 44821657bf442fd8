import { closeSync, fstatSync, fsyncSync, ftruncateSync, futimesSync, readSync, writeSync } from 'node:fs';
import { hardLinkRefused } from './anchor.js';
import type { FileStat, NewTimes, OpenFile } from './file-tree.js';
import { fromHostStat } from './host-stat.js';

const NS_PER_SECOND = 1e9;

/** Node takes seconds in a double: for today's dates that is good to about 200 ns. */
export function inSeconds(nanoseconds: bigint): number {
  return Number(nanoseconds) / NS_PER_SECOND;
}

/** One regular file of the host's disk, open. */
export class HostFile implements OpenFile {
  readonly #fd: number;

  constructor(fd: number) {
    this.#fd = fd;
  }

  stat(): FileStat {
    return fromHostStat(fstatSync(this.#fd, { bigint: true }));
  }

  read(into: Uint8Array, position: number): number {
    return readSync(this.#fd, into, 0, into.byteLength, position);
  }

  write(from: Uint8Array, position: number): number {
    return writeSync(this.#fd, from, 0, from.byteLength, position);
  }

  resize(size: number): void {
    ftruncateSync(this.#fd, size);
  }

  setTimes(times: NewTimes): void {
    const now = this.stat();
    // Times can be set through a descriptor for reading too.
    if (now.links > 1n) throw hardLinkRefused('A file', now.links);
    futimesSync(
      this.#fd,
      inSeconds(times.accessed ?? now.accessed),
      inSeconds(times.modified ?? now.modified),
    );
  }

  sync(): void {
    fsyncSync(this.#fd);
  }

  close(): void {
    closeSync(this.#fd);
  }
}
