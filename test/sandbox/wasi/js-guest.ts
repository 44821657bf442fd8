import type { WasiStop } from '../../../src/sandbox/wasi/context.js';
import { createWasi, type Wasi, type WasiOptions } from '../../../src/sandbox/wasi/create-wasi.js';
import { ERRNO, type ErrnoName } from '../../../src/sandbox/wasi/errno.js';
import type { WasiViolation } from '../../../src/sandbox/wasi/refusals.js';
import type { WasiFunctionName } from '../../../src/sandbox/wasi/signatures.js';

const NAMES = Object.fromEntries(Object.entries(ERRNO).map(([name, value]) => [value, name])) as Record<
  number,
  ErrnoName
>;

/** Where the guest keeps what it passes and gets; far enough apart for every test. */
export const RESULT = 64;
export const PATH = 1024;
export const OTHER_PATH = 8192;
export const IOVECS = 16_384;
export const DATA = 65_536;
const PAGES = 8;

export const ALL_RIGHTS = 0x3fffffffn;
export const READ = 1n << 1n;
export const WRITE = 1n << 6n;
export const OFLAG = { create: 1, folder: 2, exclusive: 4, truncate: 8 };

interface OpenOptions {
  readonly fd?: number;
  readonly oflags?: number;
  readonly rights?: bigint;
  readonly flags?: number;
  readonly inheriting?: bigint;
}

/** What `trap` throws here. */
export class Trapped extends Error {
  readonly stop: WasiStop;

  constructor(stop: WasiStop) {
    super(stop.kind);
    this.stop = stop;
  }
}

/** A guest in JavaScript: it calls the imports as WebAssembly would and answers errors by name. */
export class JsGuest {
  readonly memory = new WebAssembly.Memory({ initial: PAGES, maximum: 64 });
  readonly out: string[] = [];
  readonly err: string[] = [];
  readonly violations: WasiViolation[] = [];
  readonly slept: number[] = [];
  readonly wasi: Wasi;

  /** `bind: false` for a module that brings its own memory. */
  constructor(options: Partial<WasiOptions> = {}, { bind = true } = {}) {
    this.wasi = createWasi({
      env: {},
      mounts: [],
      limits: { openFiles: 32, fileBytes: 1024 * 1024 },
      stdout: (line) => this.out.push(line),
      stderr: (line) => this.err.push(line),
      sleep: (ms) => {
        this.slept.push(ms);
        return true;
      },
      trap: (stop) => {
        throw new Trapped(stop);
      },
      violation: (violation) => this.violations.push(violation),
      ...options,
    });
    if (bind) this.wasi.bind(this.memory);
  }

  call(name: WasiFunctionName, ...args: (number | bigint)[]): ErrnoName {
    return NAMES[this.wasi.imports[name](...args)] ?? 'IO';
  }

  get view(): DataView {
    return new DataView(this.memory.buffer);
  }

  get bytes(): Uint8Array {
    return new Uint8Array(this.memory.buffer);
  }

  u32(address = RESULT): number {
    return this.view.getUint32(address, true);
  }

  u64(address = RESULT): bigint {
    return this.view.getBigUint64(address, true);
  }

  put(text: string | Uint8Array, address = PATH): [number, number] {
    const bytes = typeof text === 'string' ? Buffer.from(text) : text;
    this.bytes.set(bytes, address);
    return [address, bytes.byteLength];
  }

  text(address: number, length: number): string {
    return Buffer.from(this.bytes.slice(address, address + length)).toString();
  }

  /** Fills the iovec table and answers the two arguments for it. */
  iovecs(...vectors: [number, number][]): [number, number] {
    for (const [index, [address, length]] of vectors.entries()) {
      this.view.setUint32(IOVECS + index * 8, address, true);
      this.view.setUint32(IOVECS + index * 8 + 4, length, true);
    }
    return [IOVECS, vectors.length];
  }

  open(
    path: string | Uint8Array,
    { fd = 3, oflags = 0, rights = READ, flags = 0, inheriting = ALL_RIGHTS }: OpenOptions = {},
  ): { errno: ErrnoName; fd: number } {
    const errno = this.call('path_open', fd, 1, ...this.put(path), oflags, rights, inheriting, flags, RESULT);
    return { errno, fd: errno === 'SUCCESS' ? this.u32() : -1 };
  }

  write(fd: number, text: string | Uint8Array): ErrnoName {
    return this.call('fd_write', fd, ...this.iovecs(this.put(text, DATA)), RESULT);
  }

  read(fd: number, length = 4096): string {
    const errno = this.call('fd_read', fd, ...this.iovecs([DATA, length]), RESULT);
    if (errno !== 'SUCCESS') throw new Error(`fd_read: ${errno}`);
    return this.text(DATA, this.u32());
  }

  /** A call with one path: `path_unlink_file`, `path_create_directory`, `path_remove_directory`. */
  path(
    name: 'path_unlink_file' | 'path_create_directory' | 'path_remove_directory',
    path: string,
    fd = 3,
  ): ErrnoName {
    return this.call(name, fd, ...this.put(path));
  }

  stat(path: string, { fd = 3, follow = 1 } = {}): ErrnoName {
    return this.call('path_filestat_get', fd, follow, ...this.put(path), RESULT);
  }

  rename(from: string, to: string, { fd = 3, toFd = fd }: { fd?: number; toFd?: number } = {}): ErrnoName {
    return this.call('path_rename', fd, ...this.put(from), toFd, ...this.put(to, OTHER_PATH));
  }

  /** Every name that `fd_readdir` gives, read through a buffer of `length` bytes. */
  list(fd = 3, length = 256): { name: string; type: number; inode: bigint; next: bigint }[] {
    const entries: { name: string; type: number; inode: bigint; next: bigint }[] = [];
    for (let cookie = 0n; ; ) {
      const errno = this.call('fd_readdir', fd, DATA, length, cookie, RESULT);
      if (errno !== 'SUCCESS') throw new Error(`fd_readdir: ${errno}`);
      const used = this.u32();
      let at = DATA;
      while (at + 24 <= DATA + used) {
        const nameLength = this.u32(at + 16);
        if (at + 24 + nameLength > DATA + used) break;
        cookie = this.u64(at);
        const type = this.view.getUint8(at + 20);
        entries.push({ name: this.text(at + 24, nameLength), type, inode: this.u64(at + 8), next: cookie });
        at += 24 + nameLength;
      }
      if (used < length) return entries;
    }
  }

  [Symbol.dispose](): void {
    this.wasi.dispose();
  }
}
