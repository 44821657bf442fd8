import { startsWith } from "./bytes";
import { has, Kind, Language } from "./languages";
import { Painter } from "./painter";

/** Template literals inside template literals are followed this far; deeper ones are painted as plain strings. */
const MAX_TEMPLATES = 32;

// Words after which a slash opens a regular expression rather than divides.
const BEFORE_REGEX = " return typeof case in of delete void throw new else do yield await instanceof ";

@inline function isDigit(c: u32): bool {
  return c >= 48 && c <= 57;
}

@inline function isLetter(c: u32): bool {
  return ((c | 32) >= 97 && (c | 32) <= 122) || c == 95 || c >= 128;
}

function hasByte(text: string, c: u32): bool {
  for (let i = 0; i < text.length; i++) if (<u32>load<u16>(changetype<usize>(text) + (i << 1)) == c) return true;
  return false;
}

/**
 * Walks over code once, from left to right, and paints what it recognises. Never looks back, and looks ahead only
 * over what it then consumes or has marked as looked at: the time is linear in the length.
 */
export class Scanner {
  private p: usize;
  /** Whether a slash here would open a regular expression. */
  private regexHere: bool = true;
  /** Up to here no regular expression ends: found by a search that came to the end of its line. */
  private noRegexBefore: usize = 0;
  /** Whether the next word is the name of what is being defined. */
  private defining: bool = false;
  /** For each open template literal the number of braces open in its `${`. */
  private templates: StaticArray<i32> = new StaticArray<i32>(MAX_TEMPLATES);
  private depth: i32 = 0;

  constructor(
    private language: Language,
    private painter: Painter,
    private from: usize,
    private end: usize,
  ) {
    this.p = from;
  }

  run(): void {
    const quotes = this.language.quotes;
    while (this.p < this.end) {
      const c: u32 = load<u8>(this.p);
      if (c == 32 || c == 10 || c == 9 || c == 13) {
        this.p++;
      } else if (this.comment(c)) {
        continue;
      } else if (hasByte(quotes, c)) {
        this.quoted(c, this.p);
      } else if (isDigit(c) || (c == 46 && this.fraction())) {
        this.number();
      } else if (isLetter(c) || (c != 45 && this.isWord(c))) {
        this.word();
      } else if (!this.special(c)) {
        this.regexHere = c != 41 && c != 93;
        this.defining = this.defining && c == 42; // function*
        this.p++;
      }
    }
  }

  /** The byte `n` after the current one; 0 past the end. */
  @inline private byte(n: i32): u32 {
    return this.p + n < this.end ? load<u8>(this.p + n) : 0;
  }

  @inline private isWord(c: u32): bool {
    if (isLetter(c) || isDigit(c)) return true;
    return hasByte(this.language.wordExtra, c);
  }

  /** Whether the dot here begins a number, as in `.5`, which in `0..5` and in a shell it does not. */
  private fraction(): bool {
    if (this.language.kind == Kind.Sh || !isDigit(this.byte(1))) return false;
    return this.p == this.from || load<u8>(this.p - 1) != 46;
  }

  /** Paints from `from` to the current place. */
  private paint(kind: string, from: usize): void {
    this.painter.paint(kind, from, this.p);
    this.regexHere = false;
    this.defining = false;
  }

  private toLineEnd(): void {
    while (this.p < this.end && load<u8>(this.p) != 10) this.p++;
  }

  private comment(c: u32): bool {
    const mark = this.language.lineComment;
    const start = this.p;
    if (mark.length && startsWith(start, this.end, mark)) {
      // In a shell, `#` inside a word is none.
      if (this.language.kind == Kind.Sh && start > this.from) {
        if (load<u8>(start - 1) > 32 && !has(" ; ( | & ", start - 1, start)) return false;
      }
      this.toLineEnd();
    } else if (this.language.blockComments && c == 47 && this.byte(1) == 42) {
      let open = 1;
      this.p += 2;
      while (this.p < this.end && open) {
        if (load<u8>(this.p) == 42 && this.byte(1) == 47) {
          open--;
          this.p += 2;
        } else if (this.language.nestedComments && load<u8>(this.p) == 47 && this.byte(1) == 42) {
          open++;
          this.p += 2;
        } else {
          this.p++;
        }
      }
    } else {
      return false;
    }
    const regexHere = this.regexHere;
    this.paint("comment", start);
    this.regexHere = regexHere;
    return true;
  }

  /** A string whose opening quote is at the current place; `start` is where its prefix begins. */
  private quoted(quote: u32, start: usize): void {
    const kind = this.language.kind;
    if (kind == Kind.Js && quote == 96) {
      this.p++;
      this.template(start);
      return;
    }
    let triple = false;
    if (kind == Kind.Python && this.byte(1) == quote && this.byte(2) == quote) {
      triple = true;
      this.p += 2;
    }
    this.p++;
    const multiline = triple || kind == Kind.Rust || kind == Kind.Sh;
    const escapes = !(kind == Kind.Sh && quote == 39);
    while (this.p < this.end) {
      const c: u32 = load<u8>(this.p);
      if (c == 92 && escapes) {
        this.p += 2;
        continue;
      }
      if (c == 10 && !multiline) break;
      if (c == quote && (!triple || (this.byte(1) == quote && this.byte(2) == quote))) {
        this.p += triple ? 3 : 1;
        break;
      }
      this.p++;
    }
    if (this.p > this.end) this.p = this.end;
    this.paint(kind == Kind.Json && this.colonFollows() ? "attribute" : "string", start);
  }

  private colonFollows(): bool {
    let p = this.p;
    while (p < this.end && (load<u8>(p) == 32 || load<u8>(p) == 10 || load<u8>(p) == 9 || load<u8>(p) == 13)) p++;
    return p < this.end && load<u8>(p) == 58;
  }

  /** The text of a template literal, from after its backquote or after a `}`, up to its end or the next `${`. */
  private template(start: usize): void {
    while (this.p < this.end) {
      const c = load<u8>(this.p);
      if (c == 92) {
        this.p += 2;
      } else if (c == 96) {
        this.p++;
        break;
      } else if (c == 36 && this.byte(1) == 123 && this.depth < MAX_TEMPLATES) {
        this.paint("string", start);
        this.p += 2;
        this.templates[this.depth++] = 0;
        this.regexHere = true;
        return;
      } else {
        this.p++;
      }
    }
    if (this.p > this.end) this.p = this.end;
    this.paint("string", start);
  }

  private number(): void {
    const start = this.p;
    const hex = load<u8>(start) == 48 && (this.byte(1) | 32) == 120;
    while (this.p < this.end) {
      const c: u32 = load<u8>(this.p);
      if (c == 46) {
        // `1..2` is a range and `1.max(2)` a call.
        if (!isDigit(this.byte(1))) break;
      } else if ((c == 43 || c == 45) && this.p > start) {
        if (hex || (load<u8>(this.p - 1) | 32) != 101 || !isDigit(this.byte(1))) break;
      } else if (c >= 128 || !(isLetter(c) || isDigit(c))) {
        break;
      }
      this.p++;
    }
    this.paint("number", start);
  }

  private word(): void {
    const start = this.p;
    const language = this.language;
    while (this.p < this.end && this.isWord(load<u8>(this.p))) this.p++;
    const size = <i32>(this.p - start);
    const next = this.byte(0);
    if (this.prefixedString(start, size, next)) return;
    const wasDefining = this.defining;
    this.defining = false;
    this.regexHere = false;
    // A member is no keyword: `a.default`.
    const member = language.kind == Kind.Js && start > this.from && load<u8>(start - 1) == 46;
    if (!member && has(language.keywords, start, this.p)) {
      this.painter.paint("keyword", start, this.p);
      this.defining = has(language.definitions, start, this.p);
      this.regexHere = has(BEFORE_REGEX, start, this.p);
    } else if (!member && has(language.literals, start, this.p)) {
      this.painter.paint("literal", start, this.p);
    } else if (language.kind == Kind.Sh) {
      if (next == 61 && isLetter(load<u8>(start))) this.painter.paint("variable", start, this.p);
    } else if (!language.names) {
      return;
    } else if (language.kind == Kind.Rust && next == 33 && this.byte(1) != 61) {
      this.p++;
      this.painter.paint("function", start, this.p);
    } else if (this.isTypeName(start)) {
      this.painter.paint("type", start, this.p);
    } else if (wasDefining || next == 40) {
      this.painter.paint("function", start, this.p);
    }
  }

  /** `Name`, but not `NAME` or `N_1`: those are mostly constants. */
  private isTypeName(start: usize): bool {
    const first = load<u8>(start);
    if (first < 65 || first > 90) return false;
    if (this.p - start == 1) return true;
    for (let p = start + 1; p < this.p; p++) if (load<u8>(p) >= 97) return true;
    return false;
  }

  /** Python's `f"…"`, Rust's `b"…"`, `r#"…"#` and `b'x'`: the word before the quote belongs to the string. */
  private prefixedString(start: usize, size: i32, next: u32): bool {
    const kind = this.language.kind;
    if (size > 2) return false;
    if (kind == Kind.Python && (next == 34 || next == 39)) {
      if (!has(" r b f u t rb br fr rf R B F U RB BR FR RF Rb bR ", start, this.p)) return false;
      this.quoted(next, start);
      return true;
    }
    if (kind != Kind.Rust || !has(" r b c br cr ", start, this.p)) return false;
    if (next == 34 && load<u8>(this.p - 1) != 114) {
      this.quoted(34, start);
      return true;
    }
    if (next == 39 && size == 1 && load<u8>(start) == 98) return this.rustCharacter(start);
    if (load<u8>(this.p - 1) != 114) return false;
    let hashes = 0;
    while (this.byte(hashes) == 35) hashes++;
    if (this.byte(hashes) != 34) return false;
    this.p += hashes + 1;
    while (this.p < this.end) {
      if (load<u8>(this.p++) != 34) continue;
      let i = 0;
      while (i < hashes && this.byte(i) == 35) i++;
      if (i == hashes) {
        this.p += hashes;
        break;
      }
    }
    this.paint("string", start);
    return true;
  }

  /** What only one language has. */
  private special(c: u32): bool {
    switch (this.language.kind) {
      case Kind.Js:
        return this.javascript(c);
      case Kind.Rust:
        return c == 39 ? this.rustCharacter(this.p) : this.attribute(c, 35, 91);
      case Kind.Python:
        return this.attribute(c, 64, 0);
      case Kind.Sh:
        return this.shell(c);
      case Kind.Json:
        if (c != 45 || !isDigit(this.byte(1))) return false;
        const start = this.p++;
        this.number();
        return start < this.p;
      default:
        return false;
    }
  }

  private javascript(c: u32): bool {
    if (c == 64) return this.attribute(c, 64, 0);
    if (c == 123 && this.depth) this.templates[this.depth - 1]++;
    if (c == 125 && this.depth) {
      if (this.templates[this.depth - 1] == 0) {
        this.depth--;
        const start = ++this.p;
        this.template(start);
        return true;
      }
      this.templates[this.depth - 1]--;
    }
    if (c != 47 || !this.regexHere || this.p < this.noRegexBefore) return false;
    let inClass = false;
    let p = this.p + 1;
    while (p < this.end) {
      const d = load<u8>(p);
      if (d == 10) break;
      if (d == 92) {
        p += 2;
        continue;
      }
      if (d == 91) inClass = true;
      else if (d == 93) inClass = false;
      else if (d == 47 && !inClass) {
        const start = this.p;
        this.p = p + 1;
        while (this.p < this.end && isLetter(load<u8>(this.p))) this.p++;
        this.paint("regexp", start);
        return true;
      }
      p++;
    }
    this.noRegexBefore = p;
    return false;
  }

  /** Rust's `'a'`, `'\n'` and the lifetime `'a`. */
  private rustCharacter(start: usize): bool {
    const quote = this.p;
    let p = quote + 1;
    if (p < this.end && load<u8>(p) == 92) {
      p += 2;
      while (p < this.end && p < quote + 14 && load<u8>(p) != 39 && load<u8>(p) != 10) p++;
    } else if (p < this.end) {
      p++;
      while (p < this.end && (load<u8>(p) & 0xc0) == 0x80) p++;
    }
    if (p < this.end && load<u8>(p) == 39 && p > quote + 1) {
      this.p = p + 1;
      this.paint("string", start);
      return true;
    }
    p = quote + 1;
    while (p < this.end && (isLetter(load<u8>(p)) || isDigit(load<u8>(p)))) p++;
    if (p == quote + 1) return false;
    this.p = p;
    this.paint("symbol", start);
    return true;
  }

  /** `@decorator` and `#[attribute]`, the latter up to its bracket or the end of the line. */
  private attribute(c: u32, mark: u32, bracket: u32): bool {
    if (c != mark) return false;
    const start = this.p;
    let p = start + 1;
    if (bracket) {
      if (p < this.end && load<u8>(p) == 33) p++;
      if (p >= this.end || load<u8>(p) != bracket) return false;
      let open = 0;
      while (p < this.end) {
        const d: u32 = load<u8>(p);
        if (d == 10) break;
        p++;
        if (d == bracket) open++;
        else if (d == bracket + 2 && --open == 0) break;
      }
    } else {
      while (p < this.end && (this.isWord(load<u8>(p)) || load<u8>(p) == 46)) p++;
      if (p == start + 1) return false;
    }
    this.p = p;
    this.paint("meta", start);
    return true;
  }

  /** `$name`, `${…}`, `$1`, `$?` and options. */
  private shell(c: u32): bool {
    const start = this.p;
    if (c == 45) {
      // An option, unless the dash is inside a word.
      if (start > this.from && load<u8>(start - 1) > 32) return false;
      while (this.p < this.end && this.isWord(load<u8>(this.p))) this.p++;
      this.paint("attribute", start);
      return true;
    }
    if (c != 36) return false;
    const next = this.byte(1);
    let p = start + 1;
    if (next == 123) {
      while (p < this.end && load<u8>(p) != 125 && load<u8>(p) != 10) p++;
      if (p < this.end && load<u8>(p) == 125) p++;
    } else if (isLetter(next)) {
      while (p < this.end && (isLetter(load<u8>(p)) || isDigit(load<u8>(p)))) p++;
    } else if (isDigit(next) || has(" ? ! # @ * $ - ", p, p + 1)) {
      p++;
    } else {
      return false;
    }
    this.p = min(p, this.end);
    this.paint("variable", start);
    return true;
  }
}
