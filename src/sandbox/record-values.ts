import type { RingReader, RingWriter } from './record-ring.js';

// A value: a word that says what it is, a word with its length, eight bytes of number, then its bytes up to a multiple of 8.
const HEAD_BYTES = 16;
const NOTHING = 0;
const TEXT = 1;
const BYTES = 2;
const NUMBER = 3;
const BIGINT = 4;

const encoder = new TextEncoder();

/** The most room that a value takes in a record, or -1 for one that has to go by message. */
export function roomFor(value: unknown): number {
  switch (typeof value) {
    case 'undefined':
    case 'number':
      return HEAD_BYTES;
    case 'bigint':
      return BigInt.asIntN(64, value) === value ? HEAD_BYTES : -1;
    case 'string':
      return HEAD_BYTES + padded(value.length * 3);
    default:
      return value instanceof Uint8Array ? HEAD_BYTES + padded(value.byteLength) : -1;
  }
}

/** Writes a value that {@link roomFor} has room for, and says where the next one goes. Text becomes UTF-8. */
export function writeValue(ring: RingWriter, at: number, value: unknown): number {
  const { words, doubles, bytes } = ring;
  const word = at >> 2;
  const start = at + HEAD_BYTES;
  let kind = NOTHING;
  let length = 0;
  if (typeof value === 'number') {
    kind = NUMBER;
    doubles[(at >> 3) + 1] = value;
  } else if (typeof value === 'bigint') {
    kind = BIGINT;
    words[word + 2] = Number(BigInt.asIntN(32, value));
    words[word + 3] = Number(BigInt.asIntN(32, value >> 32n));
  } else if (typeof value === 'string') {
    kind = TEXT;
    const room = value.length * 3;
    if (room > 0) length = encoder.encodeInto(value, bytes.subarray(start, start + room)).written;
  } else if (value instanceof Uint8Array) {
    kind = BYTES;
    length = value.byteLength;
    // One whose memory the application has given away has no bytes, and throws.
    if (length > 0) bytes.set(value, start);
  }
  words[word] = kind;
  words[word + 1] = length;
  return start + padded(length);
}

/** Reads the values of a record, one after the other. What it gives is copied, and no part of the ring. */
export class ValueReader {
  readonly #ring: RingReader;
  #at = 0;

  constructor(ring: RingReader) {
    this.#ring = ring;
  }

  /** Begins with the value that was written here. */
  from(at: number): this {
    this.#at = at;
    return this;
  }

  next(): unknown {
    const { words, doubles, bytes, text } = this.#ring;
    const at = this.#at;
    const word = at >> 2;
    const start = at + HEAD_BYTES;
    const end = start + words[word + 1]!;
    this.#at = padded(end);
    switch (words[word]) {
      case TEXT:
        // Not by a TextDecoder, which takes a mark at the beginning away and wants a copy first.
        return text.toString('utf8', start, end);
      case BYTES:
        return bytes.slice(start, end);
      case NUMBER:
        return doubles[(at >> 3) + 1];
      case BIGINT:
        return (BigInt(words[word + 3]!) << 32n) | BigInt(words[word + 2]! >>> 0);
      default:
        return undefined;
    }
  }
}

function padded(byteLength: number): number {
  return (byteLength + 7) & -8;
}
