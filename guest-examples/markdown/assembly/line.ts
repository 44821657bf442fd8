import { Block } from "./block";

/**
 * The line that is being read, and how far. Counts columns as well as bytes, because a tab reaches to the next
 * multiple of four, and a block may take only a part of it.
 */
export class Line {
  end: usize = 0;
  /** Where the next byte is, and its column. */
  p: usize = 0;
  column: i32 = 0;
  /** A part of the tab at `p` is taken. */
  private inTab: bool = false;
  /** From `look`: the next byte that is no blank, its indentation from `p`, and whether there is none. */
  content: usize = 0;
  private contentColumn: i32 = 0;
  indent: i32 = 0;
  blank: bool = false;

  begin(from: usize, to: usize): void {
    this.p = from;
    this.end = to;
    this.column = 0;
    this.inTab = false;
  }

  /** Looks ahead for the next byte that is no blank. */
  look(): void {
    let p = this.p;
    let column = this.column;
    while (p < this.end) {
      const c = load<u8>(p);
      if (c == 32) column++;
      else if (c == 9) column += 4 - (column & 3);
      else break;
      p++;
    }
    this.content = p;
    this.contentColumn = column;
    this.indent = column - this.column;
    this.blank = p == this.end;
  }

  /** The byte at `p`; 0 at the end. */
  @inline get byte(): u8 {
    return this.p < this.end ? load<u8>(this.p) : 0;
  }

  /** The first byte of the content; 0 if there is none. */
  @inline get first(): u8 {
    return this.content < this.end ? load<u8>(this.content) : 0;
  }

  toContent(): void {
    this.p = this.content;
    this.column = this.contentColumn;
    this.inTab = false;
  }

  /** Takes so many columns; only blanks may be among them, or single bytes. */
  skip(columns: i32): void {
    while (columns > 0 && this.p < this.end) {
      if (load<u8>(this.p) == 9) {
        const width = 4 - (this.column & 3);
        this.inTab = width > columns;
        const taken = min(width, columns);
        this.column += taken;
        columns -= taken;
        if (!this.inTab) this.p++;
      } else {
        this.inTab = false;
        this.p++;
        this.column++;
        columns--;
      }
    }
  }

  /** Takes one blank, if there is one. */
  skipBlank(): void {
    const c = this.byte;
    if (c == 32 || c == 9) this.skip(1);
  }

  back(to: usize, column: i32): void {
    this.p = to;
    this.column = column;
    this.inTab = false;
  }

  /** Appends the rest of the line to a block. */
  copyTo(block: Block): void {
    let from = this.p;
    if (this.inTab) {
      from++;
      for (let i = 4 - (this.column & 3); i > 0; i--) block.push(32);
    }
    block.append(from, this.end);
    block.push(10);
  }
}
