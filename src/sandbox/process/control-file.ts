import { randomUUID } from 'node:crypto';
import { closeSync, existsSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BegunWorks } from '../begun-works.js';
import { ControlBlock } from '../control-block.js';
import { sharedNow } from '../shared-clock.js';
import type { ControlWords } from '../thread-link.js';

/** `running` and `startedAt`, and the works that were begun. */
const TIMES = 2;
const BYTES = TIMES * 8 + BegunWorks.BYTES;

/** A clock that all processes of a machine share: `sharedNow()` is of one process, and the wall clock may be set. */
const offsetMs = sharedNow() - Number(process.hrtime.bigint()) / 1e6;

/** The words as they are in the file. */
class Words {
  readonly bytes = new Uint8Array(BYTES);
  readonly times = new Float64Array(this.bytes.buffer, 0, TIMES);
  readonly begun = new BegunWorks(this.bytes.buffer, TIMES * 8);
}

/**
 * The host's end of the words that it shares with a child process: a file without a name, in memory where there is
 * `/dev/shm`, written by the child before each work and read when the host wants to know. It costs the host nothing else,
 * and what the child wrote last is there after its death too. The child is not believed: nothing has begun in the future.
 */
export class ControlFile implements ControlWords {
  readonly fd: number;
  /** A child has no guests of other plugins, who would have to know. */
  readonly isSleeping = false;
  readonly #words = new Words();
  #open = true;

  /** @throws where neither `/dev/shm` nor the folder for temporary files can be written to */
  constructor() {
    const folder = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
    const path = join(folder, `cordon-${randomUUID()}`);
    this.fd = openSync(path, 'wx+', 0o600);
    unlinkSync(path);
    writeSync(this.fd, this.#words.bytes, 0, BYTES, 0);
  }

  get running(): number {
    return this.#read().times[0]!;
  }

  get startedAt(): number {
    const startedAt = this.#read().times[1]! + offsetMs;
    const now = sharedNow();
    return startedAt <= now ? startedAt : now;
  }

  get begun(): BegunWorks {
    return this.#read().begun;
  }

  /** The words stay as they are from now on. */
  close(): void {
    if (!this.#open) return;
    this.#read();
    this.#open = false;
    closeSync(this.fd);
  }

  #read(): Words {
    if (this.#open) readSync(this.fd, this.#words.bytes, 0, BYTES, 0);
    return this.#words;
  }
}

/** The child's end. */
export class WrittenControl extends ControlBlock {
  readonly #fd: number;
  readonly #words = new Words();

  constructor(buffer: SharedArrayBuffer, fd: number) {
    super(buffer);
    this.#fd = fd;
  }

  override enter(seq: number, startedAt: number): void {
    super.enter(seq, startedAt);
    const { bytes, times, begun } = this.#words;
    times[0] = seq;
    times[1] = startedAt - offsetMs;
    if (seq !== 0) begun.add(seq);
    writeSync(this.#fd, bytes, 0, BYTES, 0);
  }
}
