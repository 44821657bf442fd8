import { Block, Kind } from "./block";
import { Bytes } from "./bytes";
import { Line } from "./line";
import { fenceLength, isRule, ListMarker, runLength, underlineLevel } from "./markers";
import { References } from "./references";
import { readDelimiterRow, Row } from "./table";
import { isTight } from "./tightness";
import { trimEnd, withoutBlankLines } from "./trim";

/** Quotes and lists inside each other beyond this are read as text: the tree, and what walks it, stay shallow. */
const MAX_DEPTH: u8 = 100;

/**
 * Reads lines into a tree of blocks, after the method of the CommonMark specification (0.31, appendix): each line is
 * matched against the blocks that are open, then begins new ones, and what is left of it is text of the innermost.
 * Inline markup is left for later. Linear in the source: a line costs its length and at most MAX_DEPTH steps more.
 */
export class Document {
  readonly root: Block = new Block(Kind.Document, null);
  readonly references: References;
  private tip: Block = this.root;
  private line: Line = new Line();
  private lineNumber: i32 = 0;
  /** The innermost block that the line continues. */
  private matched: Block = this.root;
  private allMatched: bool = true;
  /** The fence or table that this very line began: the line is no content of it. */
  private begun: Block | null = null;
  private marker: ListMarker = new ListMarker();
  private row: Row = new Row();
  private aligns: Bytes = new Bytes();

  constructor(from: usize, to: usize) {
    this.references = new References(<i32>(to - from));
    let p = from;
    while (p < to) {
      let end = p;
      while (end < to && load<u8>(end) != 10 && load<u8>(end) != 13) end++;
      this.readLine(p, end);
      p = end + (end + 1 < to && load<u16>(end) == 0x0a0d ? 2 : 1);
    }
    while (this.tip !== this.root) this.close(this.tip);
  }

  private readLine(from: usize, to: usize): void {
    const line = this.line;
    line.begin(from, to);
    this.lineNumber++;
    let container = this.root;
    for (;;) {
      const last = container.last;
      if (last === null || !last.open) break;
      line.look();
      const goesOn = this.continues(last);
      if (goesOn < 0) return; // the line was the end of a fence
      if (!goesOn) break;
      container = last;
    }
    this.matched = container;
    this.allMatched = container === this.tip;

    while (container.kind != Kind.Code) {
      line.look();
      const begun = this.begins(container);
      if (begun === null) {
        line.toContent();
        break;
      }
      container = begun;
      if (container.kind != Kind.Quote && container.kind != Kind.Item) break;
    }
    this.addText(container);
  }

  /** Whether the line goes on with a block: 1 yes, 0 no, -1 it ends it and is used up. */
  private continues(block: Block): i32 {
    const line = this.line;
    switch (block.kind) {
      case Kind.List:
        return 1;
      case Kind.Quote:
        if (line.indent > 3 || line.first != 62) return 0;
        line.toContent();
        line.skip(1);
        line.skipBlank();
        return 1;
      case Kind.Item:
        if (line.blank) {
          if (block.first === null) return 0;
          line.toContent();
          return 1;
        }
        if (line.indent < block.indent) return 0;
        line.skip(block.indent);
        return 1;
      case Kind.Code:
        if (block.start) {
          if (line.indent <= 3 && this.endsFence(block)) {
            this.closeTo(block);
            this.close(block);
            return -1;
          }
          line.skip(min(block.indent, line.indent));
          return 1;
        }
        if (line.indent >= 4) line.skip(4);
        else if (line.blank) line.toContent();
        else return 0;
        return 1;
      case Kind.Paragraph:
      case Kind.Table:
        return line.blank ? 0 : 1;
      default:
        return 0;
    }
  }

  private endsFence(block: Block): bool {
    const line = this.line;
    if (line.first != block.mark) return false;
    const size = runLength(line.content, line.end);
    if (size < block.start) return false;
    for (let p = line.content + size; p < line.end; p++) if (load<u8>(p) != 32 && load<u8>(p) != 9) return false;
    return true;
  }

  /** Begins the block that the line's content calls for; null if it calls for none. */
  private begins(container: Block): Block | null {
    const line = this.line;
    const inParagraph = container.kind == Kind.Paragraph;
    if (line.indent >= 4) {
      if (this.tip.kind == Kind.Paragraph || line.blank) return null;
      if (container.kind == Kind.Table) return null;
      line.skip(4);
      return this.add(Kind.Code);
    }
    const c = line.first;
    const deep = container.depth >= MAX_DEPTH;
    if (c == 62 && !deep) {
      line.toContent();
      line.skip(1);
      line.skipBlank();
      return this.add(Kind.Quote);
    }
    if (c == 35) {
      const level = runLength(line.content, line.end);
      const after = line.content + level;
      if (level <= 6 && (after == line.end || load<u8>(after) == 32 || load<u8>(after) == 9)) return this.heading(level, after);
    }
    const fence = fenceLength(line.content, line.end);
    if (fence) return this.fence(fence);
    if (inParagraph && (c == 61 || c == 45)) {
      const level = underlineLevel(line.content, line.end);
      if (level && this.underline(container, level)) return container;
    }
    if (inParagraph && (c == 124 || c == 45 || c == 58)) {
      const table = this.table(container);
      if (table !== null) return table;
    }
    if (isRule(line.content, line.end)) return this.add(Kind.Rule);
    if (!deep && this.marker.read(line, inParagraph)) return this.item();
    return null;
  }

  private heading(level: i32, from: usize): Block {
    const line = this.line;
    let to = trimEnd(from, line.end);
    // The marks at the end belong to the text unless a blank is before them.
    let marks = to;
    while (marks > from && load<u8>(marks - 1) == 35) marks--;
    if (marks == from || load<u8>(marks - 1) == 32 || load<u8>(marks - 1) == 9) to = trimEnd(from, marks);
    while (from < to && (load<u8>(from) == 32 || load<u8>(from) == 9)) from++;
    const block = this.add(Kind.Heading);
    block.mark = <u8>level;
    block.text = from;
    block.size = <i32>(to - from);
    return block;
  }

  private fence(size: i32): Block {
    const line = this.line;
    const indent = line.indent;
    const mark = line.first;
    let from = line.content + size;
    const to = trimEnd(from, line.end);
    while (from < to && (load<u8>(from) == 32 || load<u8>(from) == 9)) from++;
    const block = this.add(Kind.Code);
    block.start = size;
    block.mark = mark;
    block.indent = indent;
    block.info = from;
    block.infoSize = <i32>(to - from);
    this.begun = block;
    return block;
  }

  /** Makes the paragraph above a heading. Fails if all of it were link definitions. */
  private underline(paragraph: Block, level: i32): bool {
    const rest = this.references.take(paragraph.text, paragraph.end);
    paragraph.size = <i32>(paragraph.end - rest);
    paragraph.text = rest;
    if (!paragraph.size) {
      paragraph.text = 0; // it may grow again, and what is left is no block of the heap
      return false;
    }
    this.closeUnmatched();
    paragraph.kind = Kind.Heading;
    paragraph.mark = <u8>level;
    return true;
  }

  /** Makes the last line of the paragraph above the head of a table, if this line fits it. */
  private table(paragraph: Block): Block | null {
    const line = this.line;
    if (!readDelimiterRow(this.row, line.content, line.end, this.aligns)) return null;
    const end = paragraph.end - 1; // its line feed
    let head = end;
    while (head > paragraph.text && load<u8>(head - 1) != 10) head--;
    this.row.begin(head, end);
    if (this.row.count() != this.aligns.length) return null;
    this.closeUnmatched();
    paragraph.size = <i32>(head - paragraph.text);
    const block = this.add(Kind.Table); // closes the paragraph
    block.append(head, end);
    block.push(10);
    const columns = this.aligns.length;
    block.info = heap.alloc(columns);
    block.infoSize = columns;
    memory.copy(block.info, this.aligns.at, columns);
    this.begun = block;
    return block;
  }

  private item(): Block {
    const marker = this.marker;
    this.closeUnmatched();
    let list = this.tip;
    if (list.kind != Kind.List || list.mark != marker.mark || list.ordered != marker.ordered) {
      list = this.add(Kind.List);
      list.mark = marker.mark;
      list.ordered = marker.ordered;
      list.start = marker.start;
    }
    const item = this.add(Kind.Item);
    item.indent = marker.indent + marker.width;
    item.start = this.lineNumber;
    return item;
  }

  /** What is left of the line is text of the innermost block, or of the paragraph that it lazily goes on with. */
  private addText(container: Block): void {
    const line = this.line;
    const blank = line.blank; // as last looked at: a heading that has used up the line is not blank
    if (!this.allMatched && !blank && this.tip.kind == Kind.Paragraph) {
      line.copyTo(this.tip);
      return;
    }
    this.closeUnmatched();
    const last = container.last;
    if (blank && last !== null) last.endsBlank = true;
    const kind = container.kind;
    const counts = !(
      kind == Kind.Quote ||
      (kind == Kind.Code && container.start) ||
      (kind == Kind.Item && container.first === null && container.start == this.lineNumber)
    );
    for (let block: Block | null = container; block !== null; block = block.parent) block.endsBlank = blank && counts;

    if (kind == Kind.Code || kind == Kind.Table || kind == Kind.Paragraph) {
      if (container !== this.begun) line.copyTo(container);
    } else if (!blank && kind != Kind.Heading && kind != Kind.Rule) {
      const paragraph = this.add(Kind.Paragraph);
      line.toContent();
      line.copyTo(paragraph);
    }
    this.begun = null;
  }

  private add(kind: u8): Block {
    this.closeUnmatched();
    while (!canHold(this.tip.kind, kind)) this.close(this.tip);
    const block = new Block(kind, this.tip);
    block.depth = this.tip.depth + 1;
    const last = this.tip.last;
    if (last === null) this.tip.first = block;
    else last.next = block;
    this.tip.last = block;
    this.tip = block;
    return block;
  }

  private closeUnmatched(): void {
    if (this.allMatched) return;
    this.closeTo(this.matched);
    this.allMatched = true;
  }

  private closeTo(block: Block): void {
    while (this.tip !== block) this.close(this.tip);
  }

  private close(block: Block): void {
    block.open = false;
    if (block.kind == Kind.Paragraph) {
      const rest = this.references.take(block.text, block.end);
      block.size = <i32>(block.end - rest);
      block.text = rest;
      if (!block.size) block.kind = Kind.Gone;
    } else if (block.kind == Kind.Code && !block.start) {
      block.size = <i32>(withoutBlankLines(block.text, block.end) - block.text);
    } else if (block.kind == Kind.List) {
      block.tight = isTight(block);
    }
    const parent = block.parent;
    if (parent !== null) this.tip = parent;
  }
}

function canHold(outer: u8, inner: u8): bool {
  if (outer == Kind.List) return inner == Kind.Item;
  return (outer == Kind.Document || outer == Kind.Quote || outer == Kind.Item) && inner != Kind.Item;
}
