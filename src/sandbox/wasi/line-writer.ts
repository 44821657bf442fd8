const NEWLINE = 0x0a;
const RETURN = 0x0d;

/** The longest line that is handed on; a longer one goes on in the next. Bytes. */
export const MAX_LINE_BYTES = 8192;

/**
 * Turns what a guest writes to a stream into lines. A line ends at `\n` (a `\r` before it is dropped), at 8 192 bytes,
 * or at `flush`. What is not UTF-8 becomes U+FFFD; other control characters are the log's affair.
 */
export class LineWriter {
  readonly #line: (text: string) => void;
  /** Made at the first byte: most plugins never print. */
  #pending = Buffer.alloc(0);
  #length = 0;

  constructor(line: (text: string) => void) {
    this.#line = line;
  }

  write(bytes: Uint8Array): void {
    if (this.#pending.byteLength === 0) this.#pending = Buffer.alloc(MAX_LINE_BYTES);
    let rest = bytes;
    while (rest.byteLength > 0) {
      const end = rest.indexOf(NEWLINE);
      const part = end === -1 ? rest : rest.subarray(0, end);
      this.#append(part);
      if (end !== -1) this.#emitLine();
      rest = rest.subarray(part.byteLength + (end === -1 ? 0 : 1));
    }
  }

  flush(): void {
    if (this.#length > 0) this.#emitLine();
  }

  #append(part: Uint8Array): void {
    let rest = part;
    while (rest.byteLength > 0) {
      const taken = rest.subarray(0, MAX_LINE_BYTES - this.#length);
      this.#pending.set(taken, this.#length);
      this.#length += taken.byteLength;
      rest = rest.subarray(taken.byteLength);
      if (rest.byteLength > 0) this.#emitCut();
    }
  }

  #emitLine(): void {
    const hasReturn = this.#length > 0 && this.#pending[this.#length - 1] === RETURN;
    const text = this.#pending.toString('utf8', 0, this.#length - (hasReturn ? 1 : 0));
    this.#length = 0;
    this.#line(text);
  }

  /** Hands on a full buffer, up to the last whole character; the rest of that begins the next line. */
  #emitCut(): void {
    let end = this.#length;
    for (let back = 1; back <= 3; back++) {
      const byte = this.#pending[this.#length - back] ?? 0;
      if (byte < 0x80) break;
      if (byte < 0xc0) continue;
      const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      if (needed > back) end = this.#length - back;
      break;
    }
    const text = this.#pending.toString('utf8', 0, end);
    this.#pending.copyWithin(0, end, this.#length);
    this.#length -= end;
    this.#line(text);
  }
}
