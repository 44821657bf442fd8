import { cordonError } from '../src/errors/cordon-error.js';

const decoder = new TextDecoder();

/** What a call answered with: bytes, which can be read as text or as JSON. */
export class Output {
  readonly #bytes: Uint8Array;
  readonly #from: string;

  constructor(bytes: Uint8Array, from: string) {
    this.#bytes = bytes;
    this.#from = from;
  }

  get byteLength(): number {
    return this.#bytes.byteLength;
  }

  /** The bytes themselves, not a copy; nobody else has them. */
  bytes(): Uint8Array {
    return this.#bytes;
  }

  /** As UTF-8; what is not UTF-8 becomes U+FFFD. */
  text(): string {
    return decoder.decode(this.#bytes);
  }

  /** @throws ERR_OUTPUT where the output is not JSON */
  json<T = unknown>(): T {
    const text = this.text();
    try {
      return JSON.parse(text) as T;
    } catch (cause) {
      const start = JSON.stringify(text.slice(0, 40));
      throw cordonError(
        'ERR_OUTPUT',
        `The output of ${this.#from} is not JSON: it begins with ${start}. Use .text() or .bytes().`,
        { cause },
      );
    }
  }
}
