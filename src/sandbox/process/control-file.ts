import { randomUUID } from 'node:crypto';
import { closeSync, existsSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ControlBlock, sharedNow } from '../control-block.js';
import type { ControlWords } from '../thread-link.js';

/** `running`, `begun` and `startedAt`. */
const BYTES = 24;

/** A clock that all processes of a machine share: `sharedNow()` is of one process, and the wall clock may be set. */
const offsetMs = sharedNow() - Number(process.hrtime.bigint()) / 1e6;

/**
 * The host's end of the words that it shares with a child process: a file without a name, in memory where there is
 * `/dev/shm`, written by the child before each work and read when the host wants to know. It costs the host nothing else,
 * and what the child wrote last is there after its death too. The child is not believed: a number that makes no
 * sense is 0, and nothing has begun in the future.
 */
export class ControlFile implements ControlWords {
  readonly fd: number;
  readonly #words = new Float64Array(3);
  readonly #bytes = new Uint8Array(this.#words.buffer);
  #open = true;

  /** @throws where neither `/dev/shm` nor the folder for temporary files can be written to */
  constructor() {
    const folder = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
    const path = join(folder, `cordon-${randomUUID()}`);
    this.fd = openSync(path, 'wx+', 0o600);
    unlinkSync(path);
    writeSync(this.fd, this.#bytes, 0, BYTES, 0);
  }

  get running(): number {
    this.#read();
    return this.#words[0]!;
  }

  get begun(): number {
    this.#read();
    return this.#words[1]!;
  }

  get startedAt(): number {
    this.#read();
    const startedAt = this.#words[2]! + offsetMs;
    const now = sharedNow();
    return startedAt <= now ? startedAt : now;
  }

  /** The words stay as they are from now on. */
  close(): void {
    if (!this.#open) return;
    this.#read();
    this.#open = false;
    closeSync(this.fd);
  }

  #read(): void {
    if (this.#open) readSync(this.fd, this.#bytes, 0, BYTES, 0);
  }
}

/** The child's end. */
export class WrittenControl extends ControlBlock {
  readonly #fd: number;
  readonly #words = new Float64Array(3);
  readonly #bytes = new Uint8Array(this.#words.buffer);

  constructor(buffer: SharedArrayBuffer, fd: number) {
    super(buffer);
    this.#fd = fd;
  }

  override enter(seq: number, startedAt: number): void {
    super.enter(seq, startedAt);
    this.#words[0] = seq;
    if (seq !== 0) this.#words[1] = seq;
    this.#words[2] = startedAt - offsetMs;
    writeSync(this.#fd, this.#bytes, 0, BYTES, 0);
  }
}
