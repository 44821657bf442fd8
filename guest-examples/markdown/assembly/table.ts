import { Bytes } from "./bytes";

/** Goes through the cells of a table's row. */
export class Row {
  private p: usize;
  private end: usize;
  /** The cell that `next` found: [from, to), blanks around it left out. */
  from: usize = 0;
  to: usize = 0;
  /** Whether it has a pipe that was escaped. */
  escaped: bool = false;

  constructor() {
    this.p = 0;
    this.end = 0;
  }

  begin(from: usize, to: usize): void {
    while (from < to && isBlank(load<u8>(from))) from++;
    while (to > from && isBlank(load<u8>(to - 1))) to--;
    if (from < to && load<u8>(from) == 124) from++;
    this.p = from;
    this.end = to;
  }

  next(): bool {
    if (this.p >= this.end) return false;
    let p = this.p;
    this.escaped = false;
    while (p < this.end && load<u8>(p) != 124) {
      if (load<u8>(p) == 92 && p + 1 < this.end && load<u8>(p + 1) == 124) {
        this.escaped = true;
        p++;
      }
      p++;
    }
    this.from = this.p;
    this.to = min(p, this.end);
    this.p = p + 1;
    while (this.from < this.to && isBlank(load<u8>(this.from))) this.from++;
    while (this.to > this.from && isBlank(load<u8>(this.to - 1))) this.to--;
    return true;
  }

  count(): i32 {
    let cells = 0;
    while (this.next()) cells++;
    return cells;
  }
}

@inline function isBlank(c: u8): bool {
  return c == 32 || c == 9 || c == 10;
}

/**
 * Reads the row under a table's head.
 * @param aligns gets a byte for each column: 0, or `l`, `c`, `r`
 * @returns false if the line is no such row
 */
export function readDelimiterRow(row: Row, from: usize, to: usize, aligns: Bytes): bool {
  aligns.clear();
  let pipe = false;
  for (let p = from; p < to; p++) {
    const c = load<u8>(p);
    if (c == 124) pipe = true;
    else if (c != 45 && c != 58 && c != 32 && c != 9) return false;
  }
  if (!pipe) return false;
  row.begin(from, to);
  while (row.next()) {
    let p = row.from;
    let end = row.to;
    const left = p < end && load<u8>(p) == 58;
    if (left) p++;
    const right = p < end && load<u8>(end - 1) == 58;
    if (right) end--;
    if (p == end) return false;
    for (; p < end; p++) if (load<u8>(p) != 45) return false;
    aligns.push(left ? (right ? 99 : 108) : right ? 114 : 0);
  }
  return aligns.length > 0;
}
