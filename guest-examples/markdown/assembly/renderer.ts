import { Block, Kind } from "./block";
import { Bytes } from "./bytes";
import { Document } from "./document";
import { Highlighter } from "./highlighter";
import { Scanner } from "./scanner";
import { Slugs } from "./slugs";
import { Row } from "./table";
import { unescape } from "./url";
import { Writer } from "./writer";

/** How many empty cells short rows of tables may get in one document: a wide head and many short rows would blow it up. */
const MAX_EMPTY_CELLS = 20_000;

/** Writes a document as HTML, or its headings as JSON. */
export class Renderer {
  readonly out: Bytes;
  private writer: Writer;
  private slugs: Slugs = new Slugs();
  private plain: Bytes = new Bytes();
  private row: Row = new Row();
  /** For what is put together before it is written: a cell, a language, an id. */
  private cell: Bytes = new Bytes();
  private emptyCells: i32 = MAX_EMPTY_CELLS;

  constructor(
    private document: Document,
    private scanner: Scanner,
    private idPrefix: Bytes,
    private highlighter: Highlighter,
    capacity: i32,
  ) {
    this.writer = new Writer(scanner);
    this.out = new Bytes(capacity);
  }

  html(): void {
    this.children(this.document.root, false);
  }

  /** `[{"level":1,"text":"…","id":"…"}]` */
  outline(): void {
    this.out.push(91);
    this.headings(this.document.root);
    this.out.push(93);
  }

  private headings(parent: Block): void {
    let block = parent.first;
    while (block !== null) {
      if (block.kind == Kind.Heading) this.outlineEntry(block);
      else this.headings(block);
      block = block.next;
    }
  }

  private outlineEntry(heading: Block): void {
    this.scanText(heading.text, heading.end);
    this.makeId();
    const out = this.out;
    const slug = this.slugs.id;
    const id = this.cell;
    id.clear();
    if (slug.length) id.append(this.idPrefix.at, this.idPrefix.end);
    id.append(slug.at, slug.end);
    if (out.length > 1) out.push(44);
    out.ascii('{"level":');
    out.decimal(heading.mark);
    out.ascii(',"text":');
    out.json(this.plain.at, this.plain.end);
    out.ascii(',"id":');
    out.json(id.at, id.end);
    out.push(125);
  }

  private children(parent: Block, tight: bool): void {
    let block = parent.first;
    while (block !== null) {
      this.block(block, tight);
      block = block.next;
    }
  }

  private block(block: Block, tight: bool): void {
    const out = this.out;
    switch (block.kind) {
      case Kind.Paragraph:
        this.paragraph(block.text, block.end, tight);
        break;
      case Kind.Heading:
        this.heading(block);
        break;
      case Kind.Code:
        this.code(block);
        break;
      case Kind.Rule:
        this.line("<hr>\n");
        break;
      case Kind.Table:
        this.table(block);
        break;
      case Kind.Quote:
        this.line("<blockquote>\n");
        this.children(block, false);
        this.line("</blockquote>\n");
        break;
      case Kind.List:
        if (!block.ordered) {
          this.line("<ul>\n");
        } else if (block.start == 1) {
          this.line("<ol>\n");
        } else {
          this.line('<ol start="');
          out.decimal(block.start);
          out.ascii('">\n');
        }
        this.children(block, block.tight);
        this.line(block.ordered ? "</ol>\n" : "</ul>\n");
        break;
      case Kind.Item:
        this.item(block, tight);
        break;
      default:
        break;
    }
  }

  /** Writes at the beginning of a line. */
  private line(text: string): void {
    const out = this.out;
    if (out.length && load<u8>(out.end - 1) != 10) out.push(10);
    out.ascii(text);
  }

  private paragraph(from: usize, to: usize, tight: bool): void {
    if (!tight) this.line("<p>");
    this.inline(from, to);
    if (!tight) this.out.ascii("</p>\n");
  }

  private item(item: Block, tight: bool): void {
    this.line("<li>");
    let block: Block | null = item.first;
    if (block !== null && block.kind == Kind.Paragraph) {
      const box = checkbox(block.text, block.end);
      if (!tight) this.line("<p>");
      if (box) this.out.ascii(box == 2 ? '<input type="checkbox" disabled checked> ' : '<input type="checkbox" disabled> ');
      this.inline(block.text + (box ? 4 : 0), block.end);
      if (!tight) this.out.ascii("</p>\n");
      block = block.next;
    }
    while (block !== null) {
      this.block(block, tight);
      block = block.next;
    }
    this.out.ascii("</li>\n");
  }

  private heading(block: Block): void {
    this.scanText(block.text, block.end);
    this.makeId();
    const out = this.out;
    const level = block.mark;
    this.line("<h");
    out.decimal(level);
    const id = this.slugs.id;
    if (id.length) {
      out.ascii(' id="');
      out.html(this.idPrefix.at, this.idPrefix.end);
      out.html(id.at, id.end);
      out.push(34);
    }
    out.push(62);
    this.writer.write(out, true);
    out.ascii("</h");
    out.decimal(level);
    out.ascii(">\n");
  }

  /** Makes the plain text and the id of the heading that was scanned. */
  private makeId(): void {
    this.plain.clear();
    this.writer.write(this.plain, false);
    this.slugs.make(this.plain.at, this.plain.end);
  }

  private code(block: Block): void {
    const lang = this.cell;
    lang.clear();
    let end = block.info;
    const infoEnd = block.info + block.infoSize;
    while (end < infoEnd && load<u8>(end) != 32 && load<u8>(end) != 9) end++;
    unescape(lang, block.info, end);
    const out = this.out;
    this.line("<pre><code");
    if (lang.length) {
      out.ascii(' class="language-');
      out.html(lang.at, lang.end);
      out.push(34);
    }
    out.push(62);
    this.highlighter.write(out, lang, block.text, block.end);
    out.ascii("</code></pre>\n");
  }

  private table(block: Block): void {
    const out = this.out;
    const end = block.end;
    const headEnd = lineEnd(block.text);
    this.line("<table>\n<thead>\n");
    this.cells(block, block.text, headEnd, true);
    out.ascii("</thead>\n");
    if (headEnd + 1 < end) {
      out.ascii("<tbody>\n");
      for (let line = headEnd + 1; line < end; line = lineEnd(line) + 1) this.cells(block, line, lineEnd(line), false);
      out.ascii("</tbody>\n");
    }
    out.ascii("</table>\n");
  }

  private cells(table: Block, from: usize, to: usize, head: bool): void {
    const out = this.out;
    const row = this.row;
    row.begin(from, to);
    out.ascii("<tr>\n");
    for (let column = 0; column < table.infoSize; column++) {
      const empty = !row.next();
      if (empty && --this.emptyCells < 0) break;
      out.ascii(head ? "<th" : "<td");
      const align = load<u8>(table.info + column);
      if (align == 108) out.ascii(' align="left">');
      else if (align == 99) out.ascii(' align="center">');
      else if (align == 114) out.ascii(' align="right">');
      else out.push(62);
      if (!empty) this.cellText(row);
      out.ascii(head ? "</th>\n" : "</td>\n");
    }
    out.ascii("</tr>\n");
  }

  private cellText(row: Row): void {
    if (!row.escaped) {
      this.inline(row.from, row.to);
      return;
    }
    const cell = this.cell;
    cell.clear();
    for (let p = row.from; p < row.to; p++) {
      if (load<u8>(p) == 92 && p + 1 < row.to && load<u8>(p + 1) == 124) p++;
      cell.push(load<u8>(p));
    }
    this.inline(cell.at, cell.end);
  }

  private inline(from: usize, to: usize): void {
    this.scanText(from, to);
    this.writer.write(this.out, true);
  }

  private scanText(from: usize, to: usize): void {
    while (from < to && load<u8>(from) <= 32) from++;
    while (to > from && load<u8>(to - 1) <= 32) to--;
    this.scanner.scan(from, to);
  }
}

/** Whether an item begins with a box: 1 for `[ ]`, 2 for `[x]`, 0 for none. */
function checkbox(from: usize, to: usize): i32 {
  if (to - from < 5 || load<u8>(from) != 91 || load<u8>(from + 2) != 93 || load<u8>(from + 3) > 32) return 0;
  const c = load<u8>(from + 1);
  return c == 32 || c == 9 ? 1 : (c | 32) == 120 ? 2 : 0;
}

/** The line feed at the end of a line; there is one. */
function lineEnd(p: usize): usize {
  while (load<u8>(p) != 10) p++;
  return p;
}
