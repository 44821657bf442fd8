import type { RawAsk } from '../../src/sandbox/protocol.js';

/** As the kernel lays them out: see `kernel.wat`. */
const FIRST_BLOCK = 208;
const HEADER_BYTES = 16;
const MARK = 8;
const LIVE = 0x6576696c;

/** The blocks of a guest that waits for a host function: its own as they are, and new ones that it will have. */
export class WaitingGuest {
  readonly #view: DataView;
  readonly #end: number;
  readonly #made = new Map<number, Uint8Array<ArrayBuffer>>();
  #top: number;
  #room: number;

  constructor({ memory, top, room }: RawAsk) {
    this.#view = new DataView(memory);
    this.#end = Math.min(top, memory.byteLength);
    this.#top = top;
    this.#room = room;
  }

  /** Bytes in all blocks and their headers, and how many there may be. */
  get used(): { readonly bytes: number; readonly limit: number } {
    return { bytes: this.#top, limit: this.#top + this.#room };
  }

  /** The blocks that were made, in order. */
  get made(): readonly Uint8Array[] {
    return [...this.#made.values()];
  }

  /** Length of a block; undefined where the offset is none. */
  lengthOf(offset: number): number | undefined {
    const made = this.#made.get(offset);
    if (made) return made.byteLength;
    if (!Number.isSafeInteger(offset) || offset < FIRST_BLOCK || offset > this.#end) return undefined;
    const header = offset - HEADER_BYTES;
    if (this.#view.getUint32(header + MARK, true) !== LIVE) return undefined;
    const length = this.#view.getUint32(header, true);
    // A guest can write over its headers.
    return offset + length <= this.#end ? length : undefined;
  }

  /** A copy of a guest's block, or a new one itself: it can be written to until the function returns. */
  read(offset: number): Uint8Array<ArrayBuffer> | undefined {
    const made = this.#made.get(offset);
    if (made) return made;
    const length = this.lengthOf(offset);
    return length === undefined ? undefined : new Uint8Array(this.#view.buffer, offset, length).slice();
  }

  /** A new block, with the offset that it will have for the guest; 0 where the limit leaves no room. */
  add(bytes: Uint8Array<ArrayBuffer>): number {
    const size = HEADER_BYTES + Math.max(16, Math.ceil(bytes.byteLength / 16) * 16);
    if (size > this.#room) return 0;
    const offset = this.#top + HEADER_BYTES;
    this.#made.set(offset, bytes);
    this.#top += size;
    this.#room -= size;
    return offset;
  }
}
