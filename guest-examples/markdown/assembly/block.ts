export namespace Kind {
  export const Document: u8 = 0;
  export const Quote: u8 = 1;
  export const List: u8 = 2;
  export const Item: u8 = 3;
  export const Paragraph: u8 = 4;
  export const Heading: u8 = 5;
  export const Code: u8 = 6;
  export const Rule: u8 = 7;
  export const Table: u8 = 8;
  /** A paragraph of which nothing is left. */
  export const Gone: u8 = 9;
}

/**
 * A node of the document. Fields mean something only for the kinds that their comment names.
 *
 * Unmanaged, and its fields are small: two bytes of Markdown can make a block, so its size is what a hostile document
 * multiplies with.
 */
@unmanaged
export class Block {
  first: Block | null = null;
  last: Block | null = null;
  next: Block | null = null;
  /** Paragraph, heading, code, table: the text, without what the blocks around it put before each line. */
  text: usize = 0;
  size: i32 = 0;
  /** Code: the info string. Table: a byte for each column, 0 for none, or `l`, `c`, `r`. */
  info: usize = 0;
  infoSize: i32 = 0;
  /** List: the first number. Item: the line it began on. Code: the length of the fence, 0 for indented code. */
  start: i32 = 0;
  /** Item: how far its content is indented. Code: how far its fence is. */
  indent: i32 = 0;
  /** List: the bullet, or what follows the number. Code: the fence's character. Heading: the level. */
  mark: u8 = 0;
  /** How many blocks are around it. */
  depth: u8 = 0;
  ordered: bool = false;
  tight: bool = true;
  open: bool = true;
  /** Whether the last line so far was blank: makes lists loose. */
  endsBlank: bool = false;

  constructor(
    public kind: u8,
    public parent: Block | null,
  ) {}

  get end(): usize {
    return this.text + this.size;
  }

  append(from: usize, to: usize): void {
    const more = <i32>(to - from);
    this.reserve(more);
    memory.copy(this.end, from, more);
    this.size += more;
  }

  push(byte: u8): void {
    this.reserve(1);
    store<u8>(this.end, byte);
    this.size++;
  }

  // The block that is written to is the newest on the heap, so that growing seldom copies.
  private reserve(more: i32): void {
    const needed = this.size + more;
    this.text = this.text ? heap.realloc(this.text, needed) : heap.alloc(needed);
  }
}
