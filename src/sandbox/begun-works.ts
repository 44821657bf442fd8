/** More than results can be on their way, and guests be waiting for each other, in one thread. */
const KEPT = 128;

/**
 * The works that a thread began last. When a thread dies, its host tells by this which calls it must not send to another:
 * one that has begun may have had its effect, also where its result was lost on the way.
 */
export class BegunWorks {
  static readonly BYTES = 4 * (1 + KEPT);
  readonly #words: Int32Array;

  constructor(buffer: ArrayBufferLike, byteOffset: number) {
    this.#words = new Int32Array(buffer, byteOffset, 1 + KEPT);
  }

  /** Before anything of it runs. */
  add(seq: number): void {
    const count = this.#words[0]!;
    this.#words[1 + (count % KEPT)] = seq;
    Atomics.store(this.#words, 0, (count + 1) & 0x7fffffff);
  }

  has(seq: number): boolean {
    return this.#words.indexOf(seq, 1) > 0;
  }
}
