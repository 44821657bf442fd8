import { autolinkEnd, bareUrlEnd, isAddress } from "./autolink";
import { Bytes, codePointAt } from "./bytes";
import { entityAt } from "./entities";
import { Ints } from "./ints";
import { Mark } from "./mark";
import { runLength } from "./markers";
import { Bracket, codeEnd, Scanner } from "./scanner";
import { isAsciiPunctuation } from "./unicode";
import { isSafeUrl, unescape, writeUrl } from "./url";

/** Emphasis inside emphasis beyond this is written without tags: programs that read HTML have limits of their own. */
const MAX_EMPHASIS = 64;

/** Writes a text that was scanned: as HTML, or as plain text for an outline or an id. */
export class Writer {
  private out: Bytes = new Bytes(0);
  private scanner: Scanner;
  private html: bool = true;
  /** The links and images around, by their bracket; a link without a tag as -1. */
  private around: Ints = new Ints();
  /** How many images are around: inside, there is only text. And links: inside, there is no other. */
  private images: i32 = 0;
  private links: i32 = 0;
  private emphasis: i32 = 0;
  /** The next bracket that opens. */
  private bracket: i32 = 0;
  private scratch: Bytes = new Bytes();

  constructor(scanner: Scanner) {
    this.scanner = scanner;
  }

  write(out: Bytes, html: bool): void {
    this.out = out;
    this.html = html;
    this.around.length = 0;
    this.images = 0;
    this.links = 0;
    this.emphasis = 0;
    this.bracket = 0;
    const from = this.scanner.text;
    const marks = this.scanner.marks;
    const to = from + this.scanner.size;
    let p = from;
    let plain = from; // from here on nothing is written yet
    while (p < to) {
      const mark = <Mark>load<u8>(marks + (p - from));
      const c = load<u8>(p);
      if (mark == Mark.Text && (c > 38 || c == 33) && c != 92) {
        p++;
        continue;
      }
      if (mark == Mark.Text && c != 32 && c != 10 && c != 92 && c != 38) {
        p++;
        continue;
      }
      this.put(plain, p);
      p = mark == Mark.Text ? this.character(p, to, c) : mark == Mark.Skip ? p + 1 : this.markup(mark, p, to);
      plain = p;
    }
    this.put(plain, to);
  }

  /** Writes text; what HTML would take for markup is escaped. */
  private put(from: usize, to: usize): void {
    if (this.html) this.out.html(from, to);
    else this.out.append(from, to);
  }

  /** Whether tags may be written here. */
  @inline private get tags(): bool {
    return this.html && !this.images;
  }

  private tag(text: string): void {
    if (this.tags) this.out.ascii(text);
  }

  /** A blank, a line feed, a backslash or an ampersand. @returns where to go on */
  private character(p: usize, to: usize, c: u8): usize {
    if (c == 32) {
      const end = p + runLength(p, to);
      if (end < to && load<u8>(end) != 10) this.put(p, end);
      else if (end < to && end - p >= 2) this.tag("<br>");
      return end;
    }
    if (c == 10) {
      this.out.push(this.html ? 10 : 32);
      return p + 1;
    }
    if (c == 38) {
      const entity = entityAt(p, to);
      if (!entity) {
        this.put(p, p + 1);
        return p + 1;
      }
      this.scratch.clear();
      this.scratch.codePoint(<u32>entity);
      this.put(this.scratch.at, this.scratch.end);
      return p + <usize>(entity >> 32);
    }
    const next: u8 = p + 1 < to ? load<u8>(p + 1) : 0;
    if (next == 10) {
      this.tag("<br>");
      return p + 1;
    }
    if (!isAsciiPunctuation(next)) {
      this.put(p, p + 1);
      return p + 1;
    }
    this.put(p + 1, p + 2);
    return p + 2;
  }

  private markup(mark: Mark, p: usize, to: usize): usize {
    switch (mark) {
      case Mark.Code:
        return this.code(p, to);
      case Mark.Autolink: {
        const end = autolinkEnd(p, to);
        this.autolink(p + 1, end - 1);
        return end;
      }
      case Mark.BareUrl: {
        const end = bareUrlEnd(p, to);
        this.autolink(p, end);
        return end;
      }
      case Mark.LinkOpen:
      case Mark.ImageOpen:
        this.open();
        return p + 1;
      case Mark.LinkClose:
        return this.close();
      case Mark.EmOpen:
        this.begin("<em>");
        return p + 1;
      case Mark.EmClose:
        this.end("</em>");
        return p + 1;
      case Mark.StrongOpen:
        this.begin("<strong>");
        return p + 1;
      case Mark.StrongClose:
        this.end("</strong>");
        return p + 1;
      case Mark.DelOpen:
        this.begin("<del>");
        return p + 1;
      default:
        this.end("</del>");
        return p + 1;
    }
  }

  private begin(tag: string): void {
    if (++this.emphasis <= MAX_EMPHASIS) this.tag(tag);
  }

  private end(tag: string): void {
    if (this.emphasis-- <= MAX_EMPHASIS) this.tag(tag);
  }

  /** A code span: line feeds become blanks, and one blank at either end goes unless there is nothing else. */
  private code(p: usize, to: usize): usize {
    const after = codeEnd(p, to);
    const length = runLength(p, to);
    const text = this.scratch;
    text.clear();
    text.append(p + length, after - length);
    let blank = true;
    for (let q = text.at; q < text.end; q++) {
      if (load<u8>(q) == 10) store<u8>(q, 32);
      if (load<u8>(q) != 32) blank = false;
    }
    const trim: usize = !blank && load<u8>(text.at) == 32 && load<u8>(text.end - 1) == 32 ? 1 : 0;
    this.tag("<code>");
    this.put(text.at + trim, text.end - trim);
    this.tag("</code>");
    return after;
  }

  private autolink(from: usize, to: usize): void {
    const linked = this.tags && !this.links && isSafeUrl(from, to);
    if (linked) {
      this.out.ascii('<a href="');
      if (isAddress(from, to)) this.out.ascii("mailto:");
      writeUrl(this.out, from, to);
      this.out.ascii('">');
    }
    this.put(from, to);
    if (linked) this.out.ascii("</a>");
  }

  /** The next bracket that is a link or an image. */
  private open(): void {
    const brackets = this.scanner.brackets;
    while (!brackets.get(this.bracket * Bracket.Size + Bracket.After)) this.bracket++;
    const index = this.bracket++;
    const at = index * Bracket.Size;
    const image = brackets.get(at + Bracket.Image) == 1;
    const url = this.scratch;
    url.clear();
    unescape(url, brackets.get(at + Bracket.From), brackets.get(at + Bracket.To));
    const safe = isSafeUrl(url.at, url.end);
    if (this.tags && safe) {
      this.out.ascii(image ? '<img src="' : '<a href="');
      writeUrl(this.out, url.at, url.end);
      if (image) {
        this.out.ascii('" alt="');
      } else {
        this.out.push(34);
        this.title(at);
        this.out.push(62);
      }
    }
    // An image inside an image, and one that may not be shown, leaves its text.
    const counts = safe && (image || this.tags);
    this.around.push(index);
    this.around.push(counts ? 1 : 0);
    if (counts && image) this.images++;
    if (counts && !image) this.links++;
  }

  private close(): usize {
    const counts = this.around.pop();
    const at = this.around.pop() * Bracket.Size;
    const brackets = this.scanner.brackets;
    if (counts) {
      const image = brackets.get(at + Bracket.Image) == 1;
      if (image) this.images--;
      else this.links--;
      if (this.tags) {
        if (image) {
          this.out.push(34);
          this.title(at);
          this.out.push(62);
        } else {
          this.out.ascii("</a>");
        }
      }
    }
    return this.scanner.text + brackets.get(at + Bracket.After);
  }

  private title(at: i32): void {
    const brackets = this.scanner.brackets;
    const from: usize = brackets.get(at + Bracket.TitleFrom);
    if (!from) return;
    this.scratch.clear();
    unescape(this.scratch, from, brackets.get(at + Bracket.TitleTo));
    this.out.ascii(' title="');
    this.out.html(this.scratch.at, this.scratch.end);
    this.out.push(34);
  }
}
