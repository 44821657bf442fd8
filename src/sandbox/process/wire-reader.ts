import { TAG } from './wire-tags.js';

/** Bytes that no writer of ours has written. */
export class WireError extends Error {}

const MAX_DEPTH = 20;

/**
 * Reads one value. Whoever wrote it may be hostile: nothing is allocated for what is only claimed to follow, objects have
 * no prototype, keys are data, and there are at most `maxValues` values in it.
 *
 * @throws WireError
 */
export function readWire(bytes: Buffer, maxValues: number): unknown {
  const reader = new WireReader(bytes, maxValues);
  const value = reader.value(0);
  if (!reader.atEnd) throw new WireError('bytes are left over');
  return value;
}

class WireReader {
  readonly #bytes: Buffer;
  #left: number;
  #at = 0;

  constructor(bytes: Buffer, maxValues: number) {
    this.#bytes = bytes;
    this.#left = maxValues;
  }

  get atEnd(): boolean {
    return this.#at === this.#bytes.byteLength;
  }

  value(depth: number): unknown {
    if (--this.#left < 0) throw new WireError('too many values');
    if (depth > MAX_DEPTH) throw new WireError('too deep');
    const tag = this.#bytes[this.#take(1)];
    switch (tag) {
      case TAG.undefined:
        return undefined;
      case TAG.null:
        return null;
      case TAG.false:
        return false;
      case TAG.true:
        return true;
      case TAG.int:
        return this.#bytes.readInt32LE(this.#take(4));
      case TAG.double:
        return this.#bytes.readDoubleLE(this.#take(8));
      case TAG.bigint:
        return this.#bytes.readBigInt64LE(this.#take(8));
      case TAG.string:
        return this.#string();
      case TAG.bytes:
        return this.#copy();
      case TAG.array:
        return this.#array(depth + 1);
      case TAG.object:
        return this.#object(depth + 1);
      case TAG.map:
        return this.#map(depth + 1);
      default:
        throw new WireError(`no tag: ${tag}`);
    }
  }

  #array(depth: number): unknown[] {
    const values: unknown[] = [];
    for (let count = this.#count(); count > 0; count--) values.push(this.value(depth));
    return values;
  }

  #object(depth: number): Record<string, unknown> {
    const object: Record<string, unknown> = Object.create(null);
    for (let count = this.#count(); count > 0; count--) object[this.#string()] = this.value(depth);
    return object;
  }

  #map(depth: number): Map<string, unknown> {
    const map = new Map<string, unknown>();
    for (let count = this.#count(); count > 0; count--) map.set(this.#string(), this.value(depth));
    return map;
  }

  /** Each of so many takes a byte at least. */
  #count(): number {
    const count = this.#u32();
    if (count > this.#bytes.byteLength - this.#at) throw new WireError('more values than bytes');
    return count;
  }

  #string(): string {
    const length = this.#u32();
    const start = this.#take(length);
    try {
      return this.#bytes.toString('utf8', start, start + length);
    } catch {
      throw new WireError('a string is too long for this Node');
    }
  }

  /** Exactly these bytes in a buffer of their own: a view would take the whole message along. */
  #copy(): Uint8Array {
    const length = this.#u32();
    const start = this.#take(length);
    return new Uint8Array(this.#bytes.subarray(start, start + length));
  }

  #u32(): number {
    return this.#bytes.readUInt32LE(this.#take(4));
  }

  /** Where the next `length` bytes begin. */
  #take(length: number): number {
    const start = this.#at;
    if (length > this.#bytes.byteLength - start) throw new WireError('the message ends too early');
    this.#at = start + length;
    return start;
  }
}
