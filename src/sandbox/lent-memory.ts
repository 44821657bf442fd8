/** Buffers that a thread knows at a time: what it knows it keeps alive. */
const KEPT = 16;
/** Larger ones are few, and are told of with each call. */
const LARGEST = 1024 * 1024;

/** Tells a thread of a buffer: from now on this number stands for it, and no longer for the one before. */
export interface LendMessage {
  readonly op: 'lend';
  readonly id: number;
  readonly buffer: SharedArrayBuffer;
}

/** Memory for inputs that a thread has been told of: sending it again would cost more than the call. */
export class LentMemory {
  readonly #ids = new WeakMap<SharedArrayBuffer, number>();
  readonly #buffers: (SharedArrayBuffer | undefined)[] = new Array(KEPT).fill(undefined);
  #next = 0;

  /** The number of a buffer that the thread knows, or -1. */
  idOf(buffer: SharedArrayBuffer): number {
    return this.#ids.get(buffer) ?? -1;
  }

  /** What to tell the thread before a call whose input is in this buffer; undefined where nothing is. */
  lend(input: Uint8Array | string): LendMessage | undefined {
    if (typeof input === 'string' || !(input.buffer instanceof SharedArrayBuffer)) return undefined;
    const { buffer } = input;
    if (input.byteOffset !== 0 || buffer.byteLength > LARGEST || this.#ids.has(buffer)) return undefined;
    const id = this.#next;
    this.#next = (id + 1) % KEPT;
    const before = this.#buffers[id];
    if (before) this.#ids.delete(before);
    this.#buffers[id] = buffer;
    this.#ids.set(buffer, id);
    return { op: 'lend', id, buffer };
  }
}
