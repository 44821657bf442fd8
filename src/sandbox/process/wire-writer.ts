import { TAG } from './wire-tags.js';

/** Room for the messages of most calls. */
const INITIAL_BYTES = 64 * 1024;
/** Beyond this, the buffer is not kept for the next time. */
const KEEP_BYTES = 1024 * 1024;

/**
 * Values as bytes, for what one process says to another: what messages are made of, and nothing else. Unlike the
 * structured clone it makes no object of a class at the other end, and its reader can be told how much is too much.
 */
export class WireWriter {
  #buffer = Buffer.allocUnsafeSlow(INITIAL_BYTES);
  #at = 0;

  /** How much was written since {@link clear}. */
  get length(): number {
    return this.#at;
  }

  /** What was written. A view: it is good until the next write. */
  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.#at);
  }

  /** Drops what was written, from `at` on. */
  clear(at = 0): void {
    this.#at = at;
    if (at === 0 && this.#buffer.byteLength > KEEP_BYTES) {
      this.#buffer = Buffer.allocUnsafeSlow(INITIAL_BYTES);
    }
  }

  /**
   * One message with its length before it.
   *
   * @throws TypeError for what cannot be written: functions, symbols, objects of a class; RangeError for a message of 2 GiB
   */
  frame(message: unknown): void {
    const start = this.#at;
    this.#u32(0);
    try {
      this.#value(message, 0);
      const length = this.#at - start - 4;
      if (length > MAX_FRAME) throw new RangeError(`a message of ${length} bytes is too long`);
      this.#buffer.writeUInt32LE(length, start);
    } catch (error) {
      this.#at = start;
      throw error;
    }
  }

  #value(value: unknown, depth: number): void {
    switch (typeof value) {
      case 'undefined':
        this.#tag(TAG.undefined);
        break;
      case 'boolean':
        this.#tag(value ? TAG.true : TAG.false);
        break;
      case 'number':
        this.#number(value);
        break;
      case 'bigint':
        this.#tag(TAG.bigint);
        this.#room(8);
        this.#at = this.#buffer.writeBigInt64LE(BigInt.asIntN(64, value), this.#at);
        break;
      case 'string':
        this.#tag(TAG.string);
        this.#string(value);
        break;
      case 'object':
        if (depth > MAX_DEPTH) throw new TypeError('a message is nested too deeply');
        this.#object(value, depth + 1);
        break;
      default:
        throw new TypeError(`a ${typeof value} cannot be sent to another process`);
    }
  }

  #number(value: number): void {
    if (Number.isInteger(value) && value >= -0x80000000 && value <= 0x7fffffff && !Object.is(value, -0)) {
      this.#tag(TAG.int);
      this.#room(4);
      this.#at = this.#buffer.writeInt32LE(value, this.#at);
    } else {
      this.#tag(TAG.double);
      this.#room(8);
      this.#at = this.#buffer.writeDoubleLE(value, this.#at);
    }
  }

  #object(value: object | null, depth: number): void {
    if (value === null) this.#tag(TAG.null);
    else if (value instanceof Uint8Array) this.#bytes(value);
    else if (Array.isArray(value)) {
      this.#tag(TAG.array);
      this.#u32(value.length);
      for (const item of value) this.#value(item, depth);
    } else if (value instanceof Map) this.#entries(TAG.map, [...value], depth);
    else if (isPlain(value)) this.#entries(TAG.object, Object.entries(value), depth);
    else throw new TypeError('an object of a class cannot be sent to another process');
  }

  #entries(tag: number, entries: readonly (readonly [unknown, unknown])[], depth: number): void {
    this.#tag(tag);
    this.#u32(entries.length);
    for (const [key, item] of entries) {
      this.#string(String(key));
      this.#value(item, depth);
    }
  }

  #bytes(value: Uint8Array): void {
    this.#tag(TAG.bytes);
    this.#u32(value.byteLength);
    this.#room(value.byteLength);
    this.#buffer.set(value, this.#at);
    this.#at += value.byteLength;
  }

  /** A lone surrogate becomes U+FFFD, as it would on its way into a guest. */
  #string(value: string): void {
    // Three bytes for a UTF-16 unit are always enough.
    const most = value.length * 3 > KEEP_BYTES ? Buffer.byteLength(value) : value.length * 3;
    this.#room(4 + most);
    const length = this.#buffer.write(value, this.#at + 4);
    this.#buffer.writeUInt32LE(length, this.#at);
    this.#at += 4 + length;
  }

  #tag(tag: number): void {
    this.#room(1);
    this.#buffer[this.#at++] = tag;
  }

  #u32(value: number): void {
    this.#room(4);
    this.#at = this.#buffer.writeUInt32LE(value, this.#at);
  }

  #room(bytes: number): void {
    const needed = this.#at + bytes;
    if (needed <= this.#buffer.byteLength) return;
    const larger = Buffer.allocUnsafeSlow(
      Math.max(needed, Math.min(this.#buffer.byteLength * 2, MAX_BUFFER)),
    );
    larger.set(this.bytes);
    this.#buffer = larger;
  }
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

const MAX_DEPTH = 16;
/** The longest message. Its length has to fit into the four bytes before it, with room to spare. */
export const MAX_FRAME = 2 ** 31 - 1;
const MAX_BUFFER = 2 ** 31;
