import { cordonError } from '../../src/errors/cordon-error.js';

const decoder = new TextDecoder();

/** What a plugin's call or {@link CallContext.read} gives: a `DataView` for reading, and the same as text, JSON or bytes. */
export class PluginOutput extends DataView<ArrayBuffer> {
  #bytes: Uint8Array | undefined;

  /** @internal All of `buffer`. */
  constructor(buffer: ArrayBuffer) {
    super(buffer);
  }

  /** @throws SyntaxError where it is no JSON */
  // biome-ignore lint/suspicious/noExplicitAny: as the SDK has it, so that code which uses it compiles unchanged
  json(): any {
    return JSON.parse(this.text());
  }

  arrayBuffer(): ArrayBuffer {
    return this.buffer;
  }

  /** As UTF-8; what is not UTF-8 becomes U+FFFD. */
  text(): string {
    return decoder.decode(this.buffer);
  }

  /** The older name of {@link text}. */
  string(): string {
    return this.text();
  }

  /** The same array each time. */
  bytes(): Uint8Array {
    this.#bytes ??= new Uint8Array(this.buffer);
    return this.#bytes;
  }

  override setInt8(): never {
    return readOnly();
  }
  override setInt16(): never {
    return readOnly();
  }
  override setInt32(): never {
    return readOnly();
  }
  override setUint8(): never {
    return readOnly();
  }
  override setUint16(): never {
    return readOnly();
  }
  override setUint32(): never {
    return readOnly();
  }
  override setFloat32(): never {
    return readOnly();
  }
  override setFloat64(): never {
    return readOnly();
  }
  override setBigInt64(): never {
    return readOnly();
  }
  override setBigUint64(): never {
    return readOnly();
  }
}

function readOnly(): never {
  throw cordonError('ERR_STATE', 'Cannot set values on output');
}
