/** The smallest buffer; each size is twice the one before. */
const SMALLEST = 16 * 1024;
const LARGEST = 4 * 1024 * 1024;
/** What is kept for the next calls, all sizes together. */
const MAX_KEPT_BYTES = 16 * 1024 * 1024;

/**
 * Shared memory for large inputs, used again: fresh memory costs more than the copy into it (measured for 1 MiB: the
 * system hands it out page by page). A buffer that may still be read by a thread is never given back, but left to the
 * garbage collector.
 */
export class InputMemory {
  readonly #free = new Map<number, SharedArrayBuffer[]>();
  #keptBytes = 0;

  /** Bytes of shared memory of this length, with anything in them. */
  take(byteLength: number): Uint8Array<SharedArrayBuffer> {
    const size = sizeFor(byteLength);
    const kept = this.#free.get(size)?.pop();
    if (kept) this.#keptBytes -= size;
    return new Uint8Array(kept ?? new SharedArrayBuffer(size), 0, byteLength);
  }

  /** No thread will look at this input any more. One that did not come from here is left alone. */
  giveBack(input: Uint8Array | string): void {
    if (typeof input === 'string' || !(input.buffer instanceof SharedArrayBuffer)) return;
    const size = input.buffer.byteLength;
    if (size > LARGEST || this.#keptBytes + size > MAX_KEPT_BYTES) return;
    const free = this.#free.get(size) ?? [];
    this.#free.set(size, free);
    free.push(input.buffer);
    this.#keptBytes += size;
  }
}

/** What is larger than the largest gets memory of its own length. */
function sizeFor(byteLength: number): number {
  if (byteLength > LARGEST) return byteLength;
  let size = SMALLEST;
  while (size < byteLength) size *= 2;
  return size;
}
