import { WireError } from './wire-reader.js';

const LENGTH_BYTES = 4;
const INITIAL_BYTES = 4096;

/**
 * Cuts a stream of bytes into messages. A message longer than `maxBytes` is an error as soon as its length is known; of a
 * shorter one no more is held than has come, at most doubled, in however small pieces it comes.
 */
export class FrameReader {
  readonly #maxBytes: number;
  /** The beginning of a message whose end has not come; `#length` bytes of it. */
  #held = Buffer.allocUnsafeSlow(INITIAL_BYTES);
  #length = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /**
   * Takes the next bytes and hands over the messages that are whole now. They are views, good until `take` returns.
   *
   * @throws WireError
   */
  push(chunk: Uint8Array, take: (message: Buffer) => void): void {
    let bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    while (bytes.byteLength > 0) {
      bytes = this.#length === 0 ? this.#whole(bytes, take) : this.#finish(bytes, take);
    }
  }

  /** Messages that lie in these bytes entirely; keeps the beginning of another. */
  #whole(bytes: Buffer, take: (message: Buffer) => void): Buffer {
    let at = 0;
    while (bytes.byteLength - at >= LENGTH_BYTES) {
      const end = at + LENGTH_BYTES + this.#checked(bytes.readUInt32LE(at));
      if (end > bytes.byteLength) break;
      take(bytes.subarray(at + LENGTH_BYTES, end));
      at = end;
    }
    this.#hold(bytes.subarray(at));
    return bytes.subarray(bytes.byteLength);
  }

  /** Adds to the message that was begun; what is left over of the bytes. */
  #finish(bytes: Buffer, take: (message: Buffer) => void): Buffer {
    const missing = Math.min(this.#missing(), bytes.byteLength);
    this.#hold(bytes.subarray(0, missing));
    if (this.#length >= LENGTH_BYTES && this.#missing() === 0) {
      const message = this.#held.subarray(LENGTH_BYTES, this.#length);
      this.#length = 0;
      if (this.#held.byteLength > INITIAL_BYTES) this.#held = Buffer.allocUnsafeSlow(INITIAL_BYTES);
      take(message);
    }
    return bytes.subarray(missing);
  }

  /** How much is still to come of the message that was begun, or of its length. */
  #missing(): number {
    if (this.#length < LENGTH_BYTES) return LENGTH_BYTES - this.#length;
    return LENGTH_BYTES + this.#checked(this.#held.readUInt32LE(0)) - this.#length;
  }

  #hold(bytes: Buffer): void {
    const needed = this.#length + bytes.byteLength;
    if (needed > this.#held.byteLength) {
      const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#held.byteLength * 2));
      larger.set(this.#held.subarray(0, this.#length));
      this.#held = larger;
    }
    this.#held.set(bytes, this.#length);
    this.#length = needed;
  }

  #checked(length: number): number {
    if (length <= this.#maxBytes) return length;
    throw new WireError(`a message of ${length} bytes, where ${this.#maxBytes} are the most`);
  }
}
