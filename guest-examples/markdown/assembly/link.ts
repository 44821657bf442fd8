import { isAsciiPunctuation } from "./unicode";

/** How deep parentheses may nest in a destination that is not in angle brackets. */
const MAX_PARENTHESES = 32;

/** Where a link goes, as places in the text: a destination and a title, both still escaped. */
export class Destination {
  from: usize = 0;
  to: usize = 0;
  titleFrom: usize = 0;
  titleTo: usize = 0;
  /** Where reading ended. */
  after: usize = 0;

  /** Reads `(destination "title")` with `p` after the parenthesis. */
  readInline(p: usize, end: usize): bool {
    p = skipBlanks(p, end);
    if (!this.readDestination(p, end)) return false;
    const gap = skipBlanks(this.after, end);
    if (gap > this.after && gap < end && load<u8>(gap) != 41) {
      if (!this.readTitle(gap, end)) return false;
    }
    p = skipBlanks(this.after, end);
    this.after = p + 1;
    return p < end && load<u8>(p) == 41;
  }

  readDestination(p: usize, end: usize): bool {
    this.titleFrom = 0;
    this.titleTo = 0;
    const angle = p < end && load<u8>(p) == 60;
    if (angle) p++;
    this.from = p;
    let open = 0;
    while (p < end) {
      const c = load<u8>(p);
      if (c == 92 && p + 1 < end && isAsciiPunctuation(load<u8>(p + 1))) {
        p++;
      } else if (angle) {
        if (c == 10 || c == 60) return false;
        if (c == 62) {
          this.to = p;
          this.after = p + 1;
          return true;
        }
      } else if (c <= 32) {
        break;
      } else if (c == 40) {
        if (++open > MAX_PARENTHESES) return false;
      } else if (c == 41 && --open < 0) {
        open = 0;
        break;
      }
      p++;
    }
    this.to = p;
    this.after = p;
    return !angle && !open;
  }

  /** Reads `"…"`, `'…'` or `(…)`. */
  readTitle(p: usize, end: usize): bool {
    const open = load<u8>(p);
    if (open != 34 && open != 39 && open != 40) return false;
    const close: u8 = open == 40 ? 41 : open;
    const from = ++p;
    while (p < end) {
      const c = load<u8>(p);
      if (c == close) {
        this.titleFrom = from;
        this.titleTo = p;
        this.after = p + 1;
        return true;
      }
      if (c == 40 && open == 40) return false;
      if (c == 92 && p + 1 < end) p++;
      p++;
    }
    return false;
  }
}

/** Where the `]` of a label is that begins at `p`; 0 if there is none within 1,000 bytes. */
export function labelEnd(p: usize, end: usize): usize {
  const limit = min(end, p + 1000);
  while (p < limit) {
    const c = load<u8>(p);
    if (c == 93) return p;
    if (c == 91) return 0;
    if (c == 92 && p + 1 < end) p++;
    p++;
  }
  return 0;
}

export function skipBlanks(p: usize, end: usize): usize {
  while (p < end && (load<u8>(p) == 32 || load<u8>(p) == 9 || load<u8>(p) == 10)) p++;
  return p;
}
