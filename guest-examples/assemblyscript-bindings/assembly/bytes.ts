// Text as UTF-8 bytes. A guest that scans and writes much text is faster and smaller without AssemblyScript's UTF-16
// strings, and never splits a character. Needs `--runtime stub`, `minimal` or `incremental`; holds no state.

/** Bytes that grow at the end. */
export class Bytes {
  private data: StaticArray<u8>;
  length: i32 = 0;

  constructor(capacity: i32 = 64) {
    this.data = new StaticArray<u8>(capacity);
  }

  /** Where the bytes are. Only good until the next append. */
  @inline get at(): usize {
    return changetype<usize>(this.data);
  }

  @inline get end(): usize {
    return this.at + this.length;
  }

  clear(): void {
    this.length = 0;
  }

  private room(more: i32): void {
    const needed = this.length + more;
    if (needed < 0) throw new Error("more than 2 GiB of text");
    const capacity = this.data.length;
    if (needed <= capacity) return;
    this.data = changetype<StaticArray<u8>>(__renew(changetype<usize>(this.data), max(needed, capacity << 1)));
  }

  @inline push(byte: u32): void {
    if (this.length == this.data.length) this.room(1);
    store<u8>(this.at + this.length++, byte);
  }

  append(from: usize, to: usize): void {
    const size = <i32>(to - from);
    if (size <= 0) return;
    this.room(size);
    memory.copy(this.end, from, size);
    this.length += size;
  }

  /** Appends a literal; it must be ASCII. */
  ascii(text: string): void {
    const size = text.length;
    this.room(size);
    const to = this.end;
    const from = changetype<usize>(text);
    for (let i = 0; i < size; i++) store<u8>(to + i, load<u8>(from + (i << 1)));
    this.length += size;
  }

  decimal(value: i32): void {
    this.ascii(value.toString());
  }

  /** Appends a code point as UTF-8; what is not one becomes U+FFFD. */
  codePoint(code: u32): void {
    if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) code = 0xfffd;
    if (code < 0x80) {
      this.push(code);
    } else if (code < 0x800) {
      this.push(0xc0 | (code >> 6));
      this.push(0x80 | (code & 63));
    } else {
      if (code < 0x10000) {
        this.push(0xe0 | (code >> 12));
      } else {
        this.push(0xf0 | (code >> 18));
        this.push(0x80 | ((code >> 12) & 63));
      }
      this.push(0x80 | ((code >> 6) & 63));
      this.push(0x80 | (code & 63));
    }
  }

  /** Appends text for HTML: safe between tags and in a quoted attribute. */
  html(from: usize, to: usize): void {
    let start = from;
    for (let p = from; p < to; p++) {
      const c = load<u8>(p);
      if (c > 62 || (c != 38 && c != 60 && c != 62 && c != 34)) continue;
      this.append(start, p);
      start = p + 1;
      if (c == 38) this.ascii("&amp;");
      else if (c == 60) this.ascii("&lt;");
      else if (c == 62) this.ascii("&gt;");
      else this.ascii("&quot;");
    }
    this.append(start, to);
  }

  /** Appends text as a JSON string with its quotes. */
  json(from: usize, to: usize): void {
    this.push(34);
    let start = from;
    for (let p = from; p < to; p++) {
      const c = load<u8>(p);
      if (c >= 32 && c != 34 && c != 92) continue;
      this.append(start, p);
      start = p + 1;
      if (c == 34 || c == 92) {
        this.push(92);
        this.push(c);
      } else if (c == 10) {
        this.ascii("\\n");
      } else {
        this.ascii("\\u00");
        this.push(48 + (c >> 4));
        const low = c & 15;
        this.push(low < 10 ? 48 + low : 87 + low);
      }
    }
    this.append(start, to);
    this.push(34);
  }

  /** As a string of AssemblyScript's own. */
  text(): string {
    return String.UTF8.decodeUnsafe(this.at, this.length);
  }
}

/** Whether the bytes from `p` on are this ASCII text; upper and lower case are the same if `fold`. */
export function startsWith(p: usize, end: usize, text: string, fold: bool = false): bool {
  const size = text.length;
  if (<i32>(end - p) < size) return false;
  const from = changetype<usize>(text);
  for (let i = 0; i < size; i++) {
    let c = load<u8>(p + i);
    if (fold && c >= 65 && c <= 90) c |= 32;
    if (c != load<u8>(from + (i << 1))) return false;
  }
  return true;
}

/** Whether the bytes are exactly this ASCII text. */
export function equals(p: usize, end: usize, text: string, fold: bool = false): bool {
  return <i32>(end - p) == text.length && startsWith(p, end, text, fold);
}

/**
 * How many bytes the UTF-8 character at `p` has: 1 to 4, or 0 if what is there is not valid (overlong, a surrogate,
 * past U+10FFFF, cut off).
 */
export function characterSize(p: usize, end: usize): i32 {
  const a = load<u8>(p);
  if (a < 0x80) return 1;
  if (a < 0xc2 || a > 0xf4 || p + 1 >= end) return 0;
  const b = load<u8>(p + 1);
  if (a < 0xe0) return (b & 0xc0) == 0x80 ? 2 : 0;
  if (a < 0xf0) {
    const low: u8 = a == 0xe0 ? 0xa0 : 0x80;
    const high: u8 = a == 0xed ? 0x9f : 0xbf;
    return b >= low && b <= high && p + 2 < end && (load<u8>(p + 2) & 0xc0) == 0x80 ? 3 : 0;
  }
  const low: u8 = a == 0xf0 ? 0x90 : 0x80;
  const high: u8 = a == 0xf4 ? 0x8f : 0xbf;
  if (b < low || b > high || p + 3 >= end) return 0;
  return (load<u8>(p + 2) & 0xc0) == 0x80 && (load<u8>(p + 3) & 0xc0) == 0x80 ? 4 : 0;
}

/** The code point at `p`, which must be the first byte of a valid character. */
export function codePointAt(p: usize): u32 {
  const a: u32 = load<u8>(p);
  if (a < 0x80) return a;
  const b: u32 = load<u8>(p + 1) & 63;
  if (a < 0xe0) return ((a & 31) << 6) | b;
  const c: u32 = load<u8>(p + 2) & 63;
  if (a < 0xf0) return ((a & 15) << 12) | (b << 6) | c;
  return ((a & 7) << 18) | (b << 12) | (c << 6) | (load<u8>(p + 3) & 63);
}

/** The same text with a U+FFFD for each byte that is no UTF-8, and for each NUL; itself if there is none. */
export function valid(bytes: StaticArray<u8>): StaticArray<u8> {
  const from = changetype<usize>(bytes);
  const end = from + bytes.length;
  let p = from;
  while (p < end) {
    const size = load<u8>(p) ? characterSize(p, end) : 0;
    if (!size) break;
    p += size;
  }
  if (p == end) return bytes;
  const out = new Bytes(bytes.length + 64);
  out.append(from, p);
  while (p < end) {
    const size = load<u8>(p) ? characterSize(p, end) : 0;
    if (size) out.append(p, p + size);
    else out.codePoint(0xfffd);
    p += max(size, 1);
  }
  const copy = new StaticArray<u8>(out.length);
  memory.copy(changetype<usize>(copy), out.at, out.length);
  return copy;
}
