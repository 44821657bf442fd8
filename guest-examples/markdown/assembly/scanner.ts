import { autolinkEnd, bareUrlEnd } from "./autolink";
import { Delimiters } from "./delimiters";
import { Ints } from "./ints";
import { Destination, labelEnd } from "./link";
import { Mark } from "./mark";
import { runLength } from "./markers";
import { References } from "./references";
import { isAlphanumeric, isAsciiPunctuation } from "./unicode";

/** More brackets than this in one paragraph are text: bounds the memory that a hostile one costs. */
const MAX_BRACKETS = 50_000;
/** Longer runs of backquotes are text. */
const MAX_BACKQUOTES = 80;

/** The fields of a record in {@link Scanner.brackets}. */
export enum Bracket {
  /** Where the link or image ends; 0 while the bracket is none. */
  After,
  /** Its destination and title, as addresses. */
  From,
  To,
  TitleFrom,
  TitleTo,
  /** Where it begins. */
  At,
  Image,
  /** The last delimiter before it. */
  Below,
  /** The open bracket around it, or -1. */
  Outer,
  /** Whether another bracket opens inside. */
  Nests,
  /** How many fields there are. */
  Size,
}

/**
 * Finds the inline markup of a text and notes at each byte what it is. Walks once from left to right, and looks ahead
 * only over what it then consumes, or has counted once: the time is linear in the length.
 */
export class Scanner {
  text: usize = 0;
  size: i32 = 0;
  /** A {@link Mark} for each byte of the text. */
  marks: usize = 0;
  private room: i32 = 0;
  /** A record for each opening bracket, in order. */
  readonly brackets: Ints = new Ints();
  private delimiters: Delimiters = new Delimiters();
  /** The innermost open bracket, or -1. */
  private open: i32 = -1;
  /** Brackets before this one cannot become links any more: a link does not hold another. */
  private noLinkBefore: i32 = 0;
  private link: Destination = new Destination();
  /** For each length of a run of backquotes where the last one is; -1 for none. Only good if `counted`. */
  private lastRun: StaticArray<i32> = new StaticArray<i32>(MAX_BACKQUOTES + 1);
  private counted: bool = false;

  constructor(private references: References) {}

  scan(from: usize, to: usize): void {
    this.begin(from, <i32>(to - from));
    const size = this.size;
    let i = 0;
    while (i < size) {
      const c = load<u8>(from + i);
      if (c > 32 && c != 104 && (isAlphanumeric(c) || c >= 128)) {
        i++;
        continue;
      }
      switch (c) {
        case 92: // \
          i += i + 1 < size && isAsciiPunctuation(load<u8>(from + i + 1)) ? 2 : 1;
          break;
        case 96: // `
          i = this.code(i);
          break;
        case 60: // <
          i = this.mark(Mark.Autolink, i, autolinkEnd(from + i, to));
          break;
        case 104: // h
          i = i && isAlphanumeric(load<u8>(from + i - 1)) ? i + 1 : this.mark(Mark.BareUrl, i, bareUrlEnd(from + i, to));
          break;
        case 33: // !
          if (i + 1 < size && load<u8>(from + i + 1) == 91) {
            this.openBracket(i, true);
            i++;
          }
          i++;
          break;
        case 91: // [
          this.openBracket(i++, false);
          break;
        case 93: // ]
          i = this.closeBracket(i);
          break;
        case 42: // *
        case 95: // _
        case 126: { // ~
          const length = runLength(from + i, to);
          this.delimiters.add(from, size, i, length);
          i += length;
          break;
        }
        default:
          i++;
      }
    }
    this.delimiters.pair(-1, this.marks);
  }

  private begin(text: usize, size: i32): void {
    this.text = text;
    this.size = size;
    if (size > this.room) {
      this.room = size + (size >> 1) + 64;
      this.marks = this.marks ? heap.realloc(this.marks, this.room) : heap.alloc(this.room);
    }
    memory.fill(this.marks, 0, size);
    this.brackets.length = 0;
    this.delimiters.clear();
    this.open = -1;
    this.noLinkBefore = 0;
    this.counted = false;
  }

  /** Notes what begins at `i`, if it has an end. @returns where to go on */
  private mark(mark: Mark, i: i32, end: usize): i32 {
    if (!end) return i + 1;
    store<u8>(this.marks + i, mark);
    return <i32>(end - this.text);
  }

  private code(i: i32): i32 {
    const end = this.text + this.size;
    const length = runLength(this.text + i, end);
    if (length > MAX_BACKQUOTES) return i + length;
    if (!this.counted) this.countRuns(i);
    if (this.lastRun[length] <= i) return i + length;
    return this.mark(Mark.Code, i, codeEnd(this.text + i, end));
  }

  private countRuns(from: i32): void {
    this.lastRun.fill(-1);
    const end = this.text + this.size;
    let p = this.text + from;
    while (p < end) {
      if (load<u8>(p) != 96) {
        p++;
        continue;
      }
      const length = runLength(p, end);
      if (length <= MAX_BACKQUOTES) this.lastRun[length] = <i32>(p - this.text);
      p += length;
    }
    this.counted = true;
  }

  private openBracket(at: i32, image: bool): void {
    const index = this.brackets.length / Bracket.Size;
    if (index >= MAX_BRACKETS) return;
    if (this.open >= 0) this.set(this.open, Bracket.Nests, 1);
    for (let field = 0; field < Bracket.Size; field++) this.brackets.push(0);
    this.set(index, Bracket.At, at);
    this.set(index, Bracket.Image, image ? 1 : 0);
    this.set(index, Bracket.Below, this.delimiters.last);
    this.set(index, Bracket.Outer, this.open);
    this.open = index;
  }

  private closeBracket(i: i32): i32 {
    const bracket = this.open;
    if (bracket < 0) return i + 1;
    this.open = this.get(bracket, Bracket.Outer);
    const image = this.get(bracket, Bracket.Image);
    if ((!image && bracket < this.noLinkBefore) || !this.goesSomewhere(bracket, i)) return i + 1;
    const link = this.link;
    const at = this.get(bracket, Bracket.At);
    const after = <i32>(link.after - this.text);
    this.set(bracket, Bracket.After, after);
    this.set(bracket, Bracket.From, <i32>link.from);
    this.set(bracket, Bracket.To, <i32>link.to);
    this.set(bracket, Bracket.TitleFrom, <i32>link.titleFrom);
    this.set(bracket, Bracket.TitleTo, <i32>link.titleTo);
    store<u8>(this.marks + at, image ? Mark.ImageOpen : Mark.LinkOpen);
    if (image) store<u8>(this.marks + at + 1, Mark.Skip);
    store<u8>(this.marks + i, Mark.LinkClose);
    this.delimiters.pair(this.get(bracket, Bracket.Below), this.marks);
    if (!image) this.noLinkBefore = bracket;
    return after;
  }

  /** Whether what is behind the `]` at `i`, or the text before it as a label, says where the bracket goes. */
  private goesSomewhere(bracket: i32, i: i32): bool {
    const end = this.text + this.size;
    const close = this.text + i;
    const next: u8 = close + 1 < end ? load<u8>(close + 1) : 0;
    if (next == 40 && this.link.readInline(close + 2, end)) return true;
    if (this.references.none) return false;
    const from = this.text + this.get(bracket, Bracket.At) + 1 + this.get(bracket, Bracket.Image);
    const label = next == 91 ? labelEnd(close + 2, end) : 0;
    this.link.after = label ? label + 1 : close + 1;
    if (label > close + 2) return this.references.find(close + 2, label, this.link);
    return !this.get(bracket, Bracket.Nests) && this.references.find(from, close, this.link);
  }

  @inline private get(bracket: i32, field: Bracket): i32 {
    return this.brackets.get(bracket * Bracket.Size + field);
  }

  @inline private set(bracket: i32, field: Bracket, value: i32): void {
    this.brackets.set(bracket * Bracket.Size + field, value);
  }
}

/** The end of the code span that the run of backquotes at `p` opens; 0 if nothing closes it. */
export function codeEnd(p: usize, end: usize): usize {
  const length = runLength(p, end);
  let q = p + length;
  while (q < end) {
    if (load<u8>(q) != 96) {
      q++;
      continue;
    }
    const closing = runLength(q, end);
    q += closing;
    if (closing == length) return q;
  }
  return 0;
}
