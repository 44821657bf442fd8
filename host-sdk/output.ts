import { cordonError } from '../src/errors/cordon-error.js';
import { isHeavyJson } from '../src/manifest/json-weight.js';
import type { OutputMaker } from '../src/runtime/call-plugin.js';
import { ownBytes } from '../src/sandbox/byte-slab.js';

const decoder = new TextDecoder();

/** What a call answered with: bytes, which can be read as text or as JSON. */
export class Output {
  #bytes: Uint8Array;
  readonly #from: string;
  readonly #fn: string | undefined;

  /** @param from whose it is, for messages: a plugin where `fn` is given, the whole of it otherwise */
  constructor(bytes: Uint8Array, from: string, fn?: string) {
    this.#bytes = bytes;
    this.#from = from;
    this.#fn = fn;
  }

  get byteLength(): number {
    return this.#bytes.byteLength;
  }

  /** The bytes themselves, not a copy; nobody else has them. */
  bytes(): Uint8Array {
    this.#bytes = ownBytes(this.#bytes);
    return this.#bytes;
  }

  /** As UTF-8; what is not UTF-8 becomes U+FFFD. */
  text(): string {
    return decoder.decode(this.#bytes);
  }

  // Made when it is needed: most outputs are read without an error.
  get #source(): string {
    return this.#fn === undefined ? this.#from : `${JSON.stringify(this.#fn)} of ${this.#from}`;
  }

  /** @throws ERR_OUTPUT where the output is not JSON, or has more than a million values */
  json<T = unknown>(): T {
    const text = this.text();
    if (isHeavyJson(text)) {
      throw cordonError(
        'ERR_OUTPUT',
        `The output of ${this.#source} has more than a million JSON values in ${text.length} characters. Read it from .bytes() by a parser of your own, if it is to be that much.`,
      );
    }
    try {
      return JSON.parse(text) as T;
    } catch (cause) {
      const start = JSON.stringify(text.slice(0, 40));
      throw cordonError(
        'ERR_OUTPUT',
        `The output of ${this.#source} is not JSON: it begins with ${start}. Use .text() or .bytes().`,
        { cause },
      );
    }
  }
}

/** What a call gives: see `callPluginAs`. */
export const toOutput: OutputMaker<Output> = (bytes, plugin, fn) => new Output(bytes, plugin, fn);
