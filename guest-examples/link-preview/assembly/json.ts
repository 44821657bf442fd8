// As much JSON as a guest needs: to write strings, and to read one member of an object by its name. Reading goes
// through everything, so that text which is not JSON is refused; nests at most 256 deep; linear in the length.

import { Bytes, equals } from "./bytes";

/** A string as JSON, with its quotes. */
export function quote(text: string): string {
  const bytes = String.UTF8.encode(text, false, String.UTF8.ErrorMode.REPLACE);
  const out = new Bytes(bytes.byteLength + 2);
  out.json(changetype<usize>(bytes), changetype<usize>(bytes) + bytes.byteLength);
  return out.text();
}

/** Deeper nesting is refused rather than followed. */
const MAX_DEPTH = 256;

export class Json {
  private p: usize;
  private end: usize;
  /** What is wrong, with the byte where; null if nothing is. */
  error: string | null = null;
  /** For each open level of a value that is dropped whether it is an object. */
  private objects: StaticArray<bool> = new StaticArray<bool>(MAX_DEPTH);
  private scratch: Bytes = new Bytes();

  constructor(private source: StaticArray<u8>) {
    this.p = changetype<usize>(source);
    this.end = this.p + source.length;
  }

  /** The text of the string that the outermost object has under `name`; null if there is none, or on an error. */
  stringMember(name: string): Bytes | null {
    this.p = changetype<usize>(this.source);
    this.error = null;
    const text = new Bytes();
    let found: Bytes | null = null;
    if (!this.eat(123)) return this.refuse("an object");
    if (!this.eat(125)) {
      const key = new Bytes();
      do {
        if (!this.key(key)) return null;
        const wanted = equals(key.at, key.end, name);
        if (wanted) found = null;
        if (wanted && this.peek() == 34) {
          text.clear();
          if (!this.string(text)) return null;
          found = text;
        } else if (!this.value()) {
          return null;
        }
      } while (this.eat(44));
      if (!this.eat(125)) return this.refuse("',' or '}'");
    }
    if (this.peek() != -1) return this.refuse("the end");
    return found;
  }

  private refuse(expected: string): Bytes | null {
    this.refused(expected);
    return null;
  }

  private refused(expected: string): bool {
    const at = <i32>(this.p - changetype<usize>(this.source));
    this.error = "expected " + expected + " at byte " + at.toString();
    return false;
  }

  private peek(): i32 {
    while (this.p < this.end) {
      const c = load<u8>(this.p);
      if (c != 32 && c != 10 && c != 13 && c != 9) return c;
      this.p++;
    }
    return -1;
  }

  private eat(c: i32): bool {
    if (this.peek() != c) return false;
    this.p++;
    return true;
  }

  /** Reads a value and drops it, with a stack of its own: deep nesting must not use up the guest's. */
  private value(): bool {
    const objects = this.objects;
    const scratch = this.scratch;
    let depth = 0;
    do {
      const c = this.peek();
      if (c == 123 || c == 91) {
        if (depth == MAX_DEPTH) return this.refused("less nesting");
        this.p++;
        objects[depth++] = c == 123;
        if (this.peek() != c + 2) {
          if (c == 123 && !this.key(scratch)) return false;
          continue;
        }
      } else if (c == 34) {
        scratch.clear();
        if (!this.string(scratch)) return false;
      } else if (!this.word()) {
        return false;
      }
      while (depth && !this.eat(44)) {
        const close = objects[depth - 1] ? 125 : 93;
        if (!this.eat(close)) return this.refused(close == 125 ? "',' or '}'" : "',' or ']'");
        depth--;
      }
      if (depth && objects[depth - 1] && !this.key(scratch)) return false;
    } while (depth);
    return true;
  }

  private key(into: Bytes): bool {
    into.clear();
    return this.string(into) && (this.eat(58) || this.refused("':'"));
  }

  /** `true`, `false`, `null` or a number. Numbers are taken by their characters, not by their grammar. */
  private word(): bool {
    const start = this.p;
    while (this.p < this.end) {
      const c = load<u8>(this.p);
      if ((c | 32) >= 97 && (c | 32) <= 122) this.p++;
      else if ((c >= 48 && c <= 57) || c == 43 || c == 45 || c == 46) this.p++;
      else break;
    }
    const first = this.p > start ? load<u8>(start) : 0;
    if (first == 45 || (first >= 48 && first <= 57)) return true;
    if (equals(start, this.p, "true") || equals(start, this.p, "false") || equals(start, this.p, "null")) return true;
    this.p = start;
    return this.refused("a value");
  }

  private string(into: Bytes): bool {
    if (!this.eat(34)) {
      return this.refused("a string");
    }
    let start = this.p;
    while (this.p < this.end) {
      const c = load<u8>(this.p);
      if (c == 34) {
        into.append(start, this.p++);
        return true;
      }
      if (c < 32) break;
      if (c != 92) {
        this.p++;
        continue;
      }
      into.append(start, this.p);
      if (!this.escape(into)) break;
      start = this.p;
    }
    return this.refused("the end of a string");
  }

  private escape(into: Bytes): bool {
    if (this.p + 1 >= this.end) return false;
    const c = load<u8>(this.p + 1);
    if (c == 117) {
      const unit = this.hex4(this.p + 2);
      if (unit < 0) return false;
      this.p += 6;
      if (unit >= 0xd800 && unit < 0xdc00 && this.p + 1 < this.end && load<u16>(this.p) == 0x755c) {
        const low = this.hex4(this.p + 2);
        if (low >= 0xdc00 && low < 0xe000) {
          this.p += 6;
          into.codePoint(0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00));
          return true;
        }
      }
      into.codePoint(unit);
      return true;
    }
    if (c == 110) into.push(10);
    else if (c == 116) into.push(9);
    else if (c == 114) into.push(13);
    else if (c == 98) into.push(8);
    else if (c == 102) into.push(12);
    else if (c == 34 || c == 47 || c == 92) into.push(c);
    else return false;
    this.p += 2;
    return true;
  }

  private hex4(p: usize): i32 {
    if (p + 4 > this.end) return -1;
    let value = 0;
    for (let i = 0; i < 4; i++) {
      const c = load<u8>(p + i);
      const digit = c >= 48 && c <= 57 ? c - 48 : (c | 32) >= 97 && (c | 32) <= 102 ? (c | 32) - 87 : 255;
      if (digit == 255) return -1;
      value = (value << 4) | digit;
    }
    return value;
  }
}
