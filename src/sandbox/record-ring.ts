/** Bytes of one direction's ring. Pages that are never written to are never backed by memory. */
const RING_BYTES = 256 * 1024;
/** The largest record: several fit, so that a ring is not full because of one. */
export const MAX_RECORD_BYTES = RING_BYTES / 8;
/** What a record has to say is at most so long; what is longer goes as a message. */
export const MAX_PAYLOAD_BYTES = 16 * 1024;
/** The words of every record: 0 is its length, which is the ring's own. */
export const BATCHES = 1;
export const KIND = 7;
/** What a record is. */
export const RECORD_KIND = { call: 1, answer: 2, done: 3, ask: 4 } as const;
/** Written in place of a length where the rest of the ring is too short for the next record. */
const WRAP = -1;

/** What both ends of a ring share: the words say how far it is written and read, in bytes since the start, mod 2^32. */
class Ring {
  protected readonly cursors: Int32Array;
  /** The whole ring, as what records are made of. Offsets are in bytes, and those of records multiples of 8. */
  readonly words: Int32Array;
  readonly doubles: Float64Array;
  readonly bytes: Uint8Array;
  /** The same as `bytes`, for the texts in it. */
  readonly text: Buffer;

  constructor(buffer: SharedArrayBuffer) {
    this.cursors = new Int32Array(buffer, 0, 2);
    this.words = new Int32Array(buffer, HEADER_BYTES, RING_BYTES / 4);
    this.doubles = new Float64Array(buffer, HEADER_BYTES, RING_BYTES / 8);
    this.bytes = new Uint8Array(buffer, HEADER_BYTES, RING_BYTES);
    this.text = Buffer.from(buffer, HEADER_BYTES, RING_BYTES);
  }
}

const HEADER_BYTES = 64;
const WRITTEN = 0;
const READ = 1;

/** Memory for the records that go one way, from one writer to one reader. */
export function ringBuffer(): SharedArrayBuffer {
  return new SharedArrayBuffer(HEADER_BYTES + RING_BYTES);
}

/**
 * The end that writes. A record is reserved, filled, and only then to be seen: one that is left half way was never
 * there.
 */
export class RingWriter extends Ring {
  #written = 0;
  #next = 0;

  /**
   * The offset of a new record of at most so many bytes, or -1 where there is no room for it. Its first word is the
   * ring's own.
   */
  reserve(byteLength: number): number {
    if (byteLength > MAX_RECORD_BYTES) return -1;
    const at = this.#written % RING_BYTES;
    const skipped = at + byteLength > RING_BYTES ? RING_BYTES - at : 0;
    const used = (this.#written - Atomics.load(this.cursors, READ)) >>> 0;
    if (used + skipped + byteLength > RING_BYTES) return -1;
    if (skipped > 0) this.words[at >> 2] = WRAP;
    this.#next = (this.#written + skipped) >>> 0;
    return skipped > 0 ? 0 : at;
  }

  /** The record that was reserved is whole, and so long. */
  commit(byteLength: number): void {
    const length = (byteLength + 7) & -8;
    this.words[(this.#next % RING_BYTES) >> 2] = length;
    this.#written = (this.#next + length) >>> 0;
    Atomics.store(this.cursors, WRITTEN, this.#written | 0);
  }
}

/** The end that reads. */
export class RingReader extends Ring {
  #read = 0;

  /** The offset of the oldest record, or -1 where there is none. The same one until {@link release}. */
  peek(): number {
    const written = Atomics.load(this.cursors, WRITTEN) >>> 0;
    if (written === this.#read) return -1;
    const at = this.#read % RING_BYTES;
    if (this.words[at >> 2] !== WRAP) return at;
    this.#read = (this.#read + RING_BYTES - at) >>> 0;
    return 0;
  }

  /** The oldest record has been read: its place may be written to. */
  release(): void {
    this.#read = (this.#read + this.words[(this.#read % RING_BYTES) >> 2]!) >>> 0;
    Atomics.store(this.cursors, READ, this.#read | 0);
  }
}
