import { attribute } from "./attributes";
import { Cursor, isLetter } from "./cursor";

/** Template literals inside template literals are followed this far; deeper ones are painted as plain strings. */
const MAX_TEMPLATES = 32;

/** What JavaScript has that needs memory: template literals around the current place, and where no regular expression is. */
export class JavaScript {
  /** Up to here no regular expression ends: found by a search that came to the end of its line. */
  private noRegexBefore: usize = 0;
  /** For each open template literal the number of braces open in its `${`. */
  private templates: StaticArray<i32> = new StaticArray<i32>(MAX_TEMPLATES);
  private depth: i32 = 0;

  /** A decorator, a brace, a regular expression; false for anything else. */
  special(at: Cursor, c: u32): bool {
    if (c == 64) return attribute(at, c, 64, 0);
    if (c == 123 && this.depth) this.templates[this.depth - 1]++;
    if (c == 125 && this.depth) {
      if (this.templates[this.depth - 1] == 0) {
        this.depth--;
        const start = ++at.p;
        this.template(at, start);
        return true;
      }
      this.templates[this.depth - 1]--;
    }
    if (c != 47 || !at.regexHere || at.p < this.noRegexBefore) return false;
    let inClass = false;
    let p = at.p + 1;
    while (p < at.end) {
      const d = load<u8>(p);
      if (d == 10) break;
      if (d == 92) {
        p += 2;
        continue;
      }
      if (d == 91) inClass = true;
      else if (d == 93) inClass = false;
      else if (d == 47 && !inClass) {
        const start = at.p;
        at.p = p + 1;
        while (at.p < at.end && isLetter(load<u8>(at.p))) at.p++;
        at.paint("regexp", start);
        return true;
      }
      p++;
    }
    this.noRegexBefore = p;
    return false;
  }

  /** The text of a template literal, from after its backquote or after a `}`, up to its end or the next `${`. */
  template(at: Cursor, start: usize): void {
    while (at.p < at.end) {
      const c = load<u8>(at.p);
      if (c == 92) {
        at.p += 2;
      } else if (c == 96) {
        at.p++;
        break;
      } else if (c == 36 && at.byte(1) == 123 && this.depth < MAX_TEMPLATES) {
        at.paint("string", start);
        at.p += 2;
        this.templates[this.depth++] = 0;
        at.regexHere = true;
        return;
      } else {
        at.p++;
      }
    }
    at.paint("string", start);
  }
}
