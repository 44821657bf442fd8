import { Line } from "./line";

/** What begins a list item. */
export class ListMarker {
  ordered: bool = false;
  /** The bullet, or what follows the number. */
  mark: u8 = 0;
  start: i32 = 0;
  /** From the beginning of the line's content to that of the item. */
  width: i32 = 0;
  indent: i32 = 0;

  /**
   * Reads a marker at the line's content and moves the line past it.
   * @param interrupts inside a paragraph only `1.` and only an item with content begins a list
   */
  read(line: Line, interrupts: bool): bool {
    if (line.indent >= 4) return false;
    let p = line.content;
    let c = line.first;
    this.start = 0;
    this.ordered = c >= 48 && c <= 57;
    if (this.ordered) {
      let digits = 0;
      while (c >= 48 && c <= 57 && digits++ < 9) {
        this.start = this.start * 10 + c - 48;
        c = ++p < line.end ? load<u8>(p) : 0;
      }
      if ((c != 46 && c != 41) || (interrupts && this.start != 1)) return false;
    } else if (c != 42 && c != 43 && c != 45) {
      return false;
    }
    this.mark = c;
    p++;
    if (p < line.end && load<u8>(p) != 32 && load<u8>(p) != 9) return false;
    let q = p;
    while (q < line.end && (load<u8>(q) == 32 || load<u8>(q) == 9)) q++;
    const empty = q == line.end;
    if (interrupts && empty) return false;

    const size = <i32>(p - line.content);
    this.indent = line.indent;
    line.toContent();
    line.skip(size);
    const at = line.p;
    const column = line.column;
    let blanks = 0;
    while (blanks < 5 && (line.byte == 32 || line.byte == 9)) {
      line.skip(1);
      blanks = line.column - column;
    }
    if (blanks >= 5 || blanks < 1 || empty) {
      this.width = size + 1;
      line.back(at, column);
      line.skipBlank();
    } else {
      this.width = size + blanks;
    }
    return true;
  }
}

/** Whether a line is a rule: three or more of one of `* - _`, and blanks. */
export function isRule(from: usize, to: usize): bool {
  const mark = from < to ? load<u8>(from) : 0;
  if (mark != 42 && mark != 45 && mark != 95) return false;
  let count = 0;
  for (let p = from; p < to; p++) {
    const c = load<u8>(p);
    if (c == mark) count++;
    else if (c != 32 && c != 9) return false;
  }
  return count >= 3;
}

/** The level of the heading that a line of `=` or `-` makes of the paragraph above; 0 if it is no such line. */
export function underlineLevel(from: usize, to: usize): i32 {
  const mark = from < to ? load<u8>(from) : 0;
  if (mark != 61 && mark != 45) return 0;
  let p = from;
  while (p < to && load<u8>(p) == mark) p++;
  while (p < to && (load<u8>(p) == 32 || load<u8>(p) == 9)) p++;
  return p < to ? 0 : mark == 61 ? 1 : 2;
}

/** How many of the byte at `from` follow each other. */
export function runLength(from: usize, to: usize): i32 {
  let p = from;
  while (p < to && load<u8>(p) == load<u8>(from)) p++;
  return <i32>(p - from);
}

/** The length of the fence at `from`; 0 if there is none. The info string of a fence of backquotes has none of them. */
export function fenceLength(from: usize, to: usize): i32 {
  const mark = from < to ? load<u8>(from) : 0;
  if (mark != 96 && mark != 126) return 0;
  const size = runLength(from, to);
  if (size < 3) return 0;
  if (mark == 96) {
    for (let p = from + size; p < to; p++) if (load<u8>(p) == 96) return 0;
  }
  return size;
}
