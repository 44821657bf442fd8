/** More came than was allowed. */
export class TooManyBytes extends Error {
  readonly observed: number;

  constructor(observed: number) {
    super(`${observed} bytes`);
    this.observed = observed;
  }
}

const FIRST_CAPACITY = 64 * 1024;

/**
 * Copies all chunks into one array of bytes that belongs to the caller. Keeps no chunk: a body that arrives byte by
 * byte costs what its bytes cost, not a buffer object for each.
 * @throws TooManyBytes as soon as there are more than `maxBytes`; the source is ended.
 */
export async function collectBytes(source: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Uint8Array> {
  let bytes = new Uint8Array(0);
  let length = 0;
  for await (const chunk of source) {
    const needed = length + chunk.byteLength;
    if (needed > maxBytes) throw new TooManyBytes(needed);
    if (needed > bytes.byteLength) {
      const capacity = Math.max(needed, Math.min(maxBytes, Math.max(FIRST_CAPACITY, bytes.byteLength * 2)));
      const larger = new Uint8Array(capacity);
      larger.set(bytes.subarray(0, length));
      bytes = larger;
    }
    bytes.set(chunk, length);
    length = needed;
  }
  return bytes.slice(0, length);
}
