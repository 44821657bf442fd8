/** A growing buffer that writes the WebAssembly binary format. */
export class ByteWriter {
  private buffer: Uint8Array;
  length = 0;

  constructor(capacity = 1024) {
    this.buffer = new Uint8Array(Math.max(16, capacity));
  }

  /** What was written: a view, good until the next write. */
  view(): Uint8Array {
    return this.buffer.subarray(0, this.length);
  }

  clear(): void {
    this.length = 0;
  }

  private reserve(extra: number): void {
    const needed = this.length + extra;
    if (needed <= this.buffer.length) return;
    const grown = new Uint8Array(Math.max(needed, this.buffer.length * 2));
    grown.set(this.view());
    this.buffer = grown;
  }

  u8(byte: number): void {
    this.reserve(1);
    this.buffer[this.length++] = byte;
  }

  /** Single bytes: opcodes and small immediates. */
  code(...bytes: readonly number[]): void {
    this.reserve(bytes.length);
    for (let i = 0; i < bytes.length; i++) this.buffer[this.length++] = bytes[i]!;
  }

  u32(value: number): void {
    this.reserve(5);
    let rest = value >>> 0;
    while (rest >= 0x80) {
      this.buffer[this.length++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.buffer[this.length++] = rest;
  }

  s32(value: number): void {
    this.reserve(5);
    let rest = value | 0;
    for (;;) {
      const byte = rest & 0x7f;
      rest >>= 7;
      if ((rest === 0 && !(byte & 0x40)) || (rest === -1 && byte & 0x40)) {
        this.buffer[this.length++] = byte;
        return;
      }
      this.buffer[this.length++] = byte | 0x80;
    }
  }

  /** The immediate of `i64.const` for -1 or a whole number from 0 to 2^53 - 1. */
  s64(value: number): void {
    let rest = value;
    while (rest >= 0x40) {
      this.u8((rest % 0x80) | 0x80);
      rest = Math.floor(rest / 0x80);
    }
    this.u8(rest & 0x7f);
  }

  /** An unsigned number up to 2^53 - 1. */
  u64(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.u8((rest % 0x80) | 0x80);
      rest = Math.floor(rest / 0x80);
    }
    this.u8(rest);
  }

  bytes(source: Uint8Array, from = 0, to: number = source.length): void {
    const length = to - from;
    this.reserve(length);
    // A loop beats the call into the runtime for the short runs between two edits.
    if (length < 24) {
      const { buffer } = this;
      let at = this.length;
      for (let i = from; i < to; i++) buffer[at++] = source[i]!;
      this.length = at;
      return;
    }
    this.buffer.set(source.subarray(from, to), this.length);
    this.length += length;
  }

  name(text: string): void {
    const encoded = new TextEncoder().encode(text);
    this.u32(encoded.length);
    this.bytes(encoded);
  }

  /** A section whose content is written by `content`; the size field has five bytes so that it can be set afterwards. */
  section(id: number, content: () => void): void {
    this.u8(id);
    const sizeAt = this.length;
    this.code(0x80, 0x80, 0x80, 0x80, 0x00);
    content();
    let size = this.length - sizeAt - 5;
    for (let i = 0; i < 5; i++) {
      this.buffer[sizeAt + i] = (size & 0x7f) | (i < 4 ? 0x80 : 0);
      size >>>= 7;
    }
  }
}
