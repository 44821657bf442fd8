import { attribute } from "./attributes";
import { startsWith } from "./bytes";
import { Cursor, hasByte, isDigit, isLetter } from "./cursor";
import { JavaScript } from "./javascript";
import { has, Kind } from "./languages";
import { shell } from "./shell";
import { prefixedString, quoted, rustCharacter } from "./strings";

// Words after which a slash opens a regular expression rather than divides.
const BEFORE_REGEX = " return typeof case in of delete void throw new else do yield await instanceof ";

/**
 * Walks over code once, from left to right, and paints what it recognises. Never looks back, and looks ahead only
 * over what it then consumes or has marked as looked at: the time is linear in the length.
 */
export class Scanner {
  private javascript: JavaScript = new JavaScript();

  constructor(private at: Cursor) {}

  run(): void {
    const at = this.at;
    const quotes = at.language.quotes;
    while (at.p < at.end) {
      const c: u32 = load<u8>(at.p);
      if (c == 32 || c == 10 || c == 9 || c == 13) {
        at.p++;
      } else if (this.comment(c)) {
        continue;
      } else if (hasByte(quotes, c)) {
        this.quote(c);
      } else if (isDigit(c) || (c == 46 && this.fraction())) {
        this.number();
      } else if (isLetter(c) || (c != 45 && at.isWord(c))) {
        this.word();
      } else if (!this.special(c)) {
        at.regexHere = c != 41 && c != 93;
        at.defining = at.defining && c == 42; // function*
        at.p++;
      }
    }
  }

  /** Whether the dot here begins a number, as in `.5`, which in `0..5` and in a shell it does not. */
  private fraction(): bool {
    const at = this.at;
    if (at.language.kind == Kind.Sh || !isDigit(at.byte(1))) return false;
    return at.p == at.from || load<u8>(at.p - 1) != 46;
  }

  private toLineEnd(): void {
    const at = this.at;
    while (at.p < at.end && load<u8>(at.p) != 10) at.p++;
  }

  private comment(c: u32): bool {
    const at = this.at;
    const mark = at.language.lineComment;
    const start = at.p;
    if (mark.length && startsWith(start, at.end, mark)) {
      // In a shell, `#` inside a word is none.
      if (at.language.kind == Kind.Sh && start > at.from) {
        if (load<u8>(start - 1) > 32 && !has(" ; ( | & ", start - 1, start)) return false;
      }
      this.toLineEnd();
    } else if (at.language.blockComments && c == 47 && at.byte(1) == 42) {
      let open = 1;
      at.p += 2;
      while (at.p < at.end && open) {
        if (load<u8>(at.p) == 42 && at.byte(1) == 47) {
          open--;
          at.p += 2;
        } else if (at.language.nestedComments && load<u8>(at.p) == 47 && at.byte(1) == 42) {
          open++;
          at.p += 2;
        } else {
          at.p++;
        }
      }
    } else {
      return false;
    }
    const regexHere = at.regexHere;
    at.paint("comment", start);
    at.regexHere = regexHere;
    return true;
  }

  private number(): void {
    const at = this.at;
    const start = at.p;
    const hex = load<u8>(start) == 48 && (at.byte(1) | 32) == 120;
    while (at.p < at.end) {
      const c: u32 = load<u8>(at.p);
      if (c == 46) {
        // `1..2` is a range and `1.max(2)` a call.
        if (!isDigit(at.byte(1))) break;
      } else if ((c == 43 || c == 45) && at.p > start) {
        if (hex || (load<u8>(at.p - 1) | 32) != 101 || !isDigit(at.byte(1))) break;
      } else if (c >= 128 || !(isLetter(c) || isDigit(c))) {
        break;
      }
      at.p++;
    }
    at.paint("number", start);
  }

  private word(): void {
    const at = this.at;
    const start = at.p;
    const language = at.language;
    while (at.p < at.end && at.isWord(load<u8>(at.p))) at.p++;
    const size = <i32>(at.p - start);
    const next = at.byte(0);
    if (prefixedString(at, start, size, next)) return;
    const wasDefining = at.defining;
    at.defining = false;
    at.regexHere = false;
    // A member is no keyword: `a.default`.
    const member = language.kind == Kind.Js && start > at.from && load<u8>(start - 1) == 46;
    if (!member && has(language.keywords, start, at.p)) {
      at.painter.paint("keyword", start, at.p);
      at.defining = has(language.definitions, start, at.p);
      at.regexHere = has(BEFORE_REGEX, start, at.p);
    } else if (!member && has(language.literals, start, at.p)) {
      at.painter.paint("literal", start, at.p);
    } else if (language.kind == Kind.Sh) {
      if (next == 61 && isLetter(load<u8>(start))) at.painter.paint("variable", start, at.p);
    } else if (!language.names) {
      return;
    } else if (language.kind == Kind.Rust && next == 33 && at.byte(1) != 61) {
      at.p++;
      at.painter.paint("function", start, at.p);
    } else if (this.isTypeName(start)) {
      at.painter.paint("type", start, at.p);
    } else if (wasDefining || next == 40) {
      at.painter.paint("function", start, at.p);
    }
  }

  /** `Name`, but not `NAME` or `N_1`: those are mostly constants. */
  private isTypeName(start: usize): bool {
    const at = this.at;
    const first = load<u8>(start);
    if (first < 65 || first > 90) return false;
    if (at.p - start == 1) return true;
    for (let p = start + 1; p < at.p; p++) if (load<u8>(p) >= 97) return true;
    return false;
  }

  private quote(c: u32): void {
    const at = this.at;
    if (at.language.kind == Kind.Js && c == 96) this.javascript.template(at, at.p++);
    else quoted(at, c, at.p);
  }

  /** What only one language has. */
  private special(c: u32): bool {
    const at = this.at;
    switch (at.language.kind) {
      case Kind.Js:
        return this.javascript.special(at, c);
      case Kind.Rust:
        return c == 39 ? rustCharacter(at, at.p) : attribute(at, c, 35, 91);
      case Kind.Python:
        return attribute(at, c, 64, 0);
      case Kind.Sh:
        return shell(at, c);
      default:
        return false;
    }
  }
}
