import { bytecodeError } from './bytecode-error.js';

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** As V8 has it. */
const MAX_NAME_BYTES = 100_000;

/**
 * A cursor over untrusted bytes. Every read is checked against `end`, and every refusal is `ERR_BYTECODE` with the
 * offset. Numbers are LEB128 of the WebAssembly binary format, section 5.2.2.
 */
export class BinaryReader {
  readonly bytes: Uint8Array;
  pos: number;
  end: number;

  constructor(bytes: Uint8Array, pos = 0, end: number = bytes.length) {
    this.bytes = bytes;
    this.pos = pos;
    this.end = end;
  }

  fail(what: string, offset: number = this.pos): never {
    throw bytecodeError(what, offset);
  }

  u8(): number {
    if (this.pos >= this.end) this.fail('a byte is missing where the enclosing part ends');
    return this.bytes[this.pos++]!;
  }

  skip(count: number): void {
    if (count > this.end - this.pos)
      this.fail(`${count} bytes are announced, ${this.end - this.pos} are left`);
    this.pos += count;
  }

  u32(): number {
    const pos = this.pos;
    if (pos < this.end) {
      const first = this.bytes[pos]!;
      if (first < 0x80) {
        this.pos = pos + 1;
        return first;
      }
    }
    return this.longU32();
  }

  private longU32(): number {
    const start = this.pos;
    let result = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.u8();
      result |= (byte & 0x7f) << shift;
      if (byte < 0x80) return result;
    }
    const last = this.u8();
    if (last > 0x0f) this.fail('an unsigned number is longer than 32 bits', start);
    return (result | (last << 28)) >>> 0;
  }

  /** An unsigned 64-bit number; what is beyond 2^53 - 1 is returned as 2^53 - 1, which no limit here reaches. */
  u64(): number {
    const start = this.pos;
    let result = 0;
    let factor = 1;
    for (let i = 0; i < 10; i++) {
      const byte = this.u8();
      if (i === 9 && byte > 1) break;
      result += (byte & 0x7f) * factor;
      factor *= 128;
      if (byte < 0x80) return Math.min(result, Number.MAX_SAFE_INTEGER);
    }
    return this.fail('an unsigned number is longer than 64 bits', start);
  }

  /** A signed 33-bit number: block types and heap types. */
  s33(): number {
    const start = this.pos;
    let result = 0;
    let factor = 1;
    for (let i = 0; i < 5; i++) {
      const byte = this.u8();
      result += (byte & 0x7f) * factor;
      factor *= 128;
      if (byte < 0x80) return byte & 0x40 ? result - factor : result;
    }
    return this.fail('a signed number is longer than 33 bits', start);
  }

  /** Passes over a LEB128 number of at most `maxBytes` bytes. */
  skipLeb(maxBytes: number): void {
    const start = this.pos;
    for (let i = 0; i < maxBytes; i++) if (this.u8() < 0x80) return;
    this.fail(`a number has more than ${maxBytes} bytes`, start);
  }

  /** The length of a vector whose elements have at least one byte each, so that no count outgrows the input. */
  count(what: string, limit: number = Number.POSITIVE_INFINITY): number {
    const start = this.pos;
    const count = this.u32();
    if (count > limit) {
      throw bytecodeError(`${count} ${what} where at most ${limit} are allowed`, start, {
        limit,
        observed: count,
      });
    }
    if (count > this.end - this.pos) this.fail(`${count} ${what} do not fit into what is left`, start);
    return count;
  }

  name(): string {
    const start = this.pos;
    const length = this.u32();
    if (length > MAX_NAME_BYTES)
      this.fail(`a name has ${length} bytes, at most ${MAX_NAME_BYTES} are allowed`, start);
    const from = this.pos;
    this.skip(length);
    if (length <= 64) {
      let text = '';
      for (let i = from; i < this.pos; i++) {
        const byte = this.bytes[i]!;
        if (byte >= 0x80) return this.utf8(from, this.pos, start);
        text += String.fromCharCode(byte);
      }
      return text;
    }
    return this.utf8(from, this.pos, start);
  }

  private utf8(from: number, to: number, offset: number): string {
    try {
      return decoder.decode(this.bytes.subarray(from, to));
    } catch {
      return this.fail('a name is not UTF-8', offset);
    }
  }
}
