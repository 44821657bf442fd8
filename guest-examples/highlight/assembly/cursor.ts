import { Language } from "./languages";
import { Painter } from "./painter";

@inline export function isDigit(c: u32): bool {
  return c >= 48 && c <= 57;
}

@inline export function isLetter(c: u32): bool {
  return ((c | 32) >= 97 && (c | 32) <= 122) || c == 95 || c >= 128;
}

export function hasByte(text: string, c: u32): bool {
  for (let i = 0; i < text.length; i++) if (<u32>load<u16>(changetype<usize>(text) + (i << 1)) == c) return true;
  return false;
}

/** A place in code that moves on, and what has to be known of what was before it. */
export class Cursor {
  p: usize;
  /** Whether a slash here would open a regular expression. */
  regexHere: bool = true;
  /** Whether the next word is the name of what is being defined. */
  defining: bool = false;

  constructor(
    readonly language: Language,
    readonly painter: Painter,
    readonly from: usize,
    readonly end: usize,
  ) {
    this.p = from;
  }

  /** The byte `n` after the current one; 0 past the end. */
  @inline byte(n: i32): u32 {
    return this.p + n < this.end ? load<u8>(this.p + n) : 0;
  }

  @inline isWord(c: u32): bool {
    return isLetter(c) || isDigit(c) || hasByte(this.language.wordExtra, c);
  }

  /** Paints from `from` to the current place, which escapes at the end may have carried past the end. */
  paint(kind: string, from: usize): void {
    if (this.p > this.end) this.p = this.end;
    this.painter.paint(kind, from, this.p);
    this.regexHere = false;
    this.defining = false;
  }
}
