import { cordonError } from '../src/errors/cordon-error.js';
import { isHeavyJson } from '../src/manifest/json-weight.js';

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

  /** @throws ERR_OUTPUT where the output is not JSON, or has more than a million values */
  json<T = unknown>(): T {
    const text = this.text();
    if (isHeavyJson(text)) {
      throw cordonError(
        'ERR_OUTPUT',
        `The output of ${this.#from} has more than a million JSON values in ${text.length} characters. Read it from .bytes() by a parser of your own, if it is to be that much.`,
      );
    }
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
