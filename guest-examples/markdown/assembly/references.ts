import { Bytes, codePointAt, characterSize } from "./bytes";
import { Ints } from "./ints";
import { Destination, labelEnd, skipBlanks } from "./link";
import { Names } from "./names";
import { isSpace, lower } from "./unicode";

/** The link definitions of a document: `[label]: destination "title"`. */
export class References {
  private names: Names = new Names();
  /** Four numbers for each definition: its destination and its title, begin and end. */
  private places: Ints = new Ints();
  private key: Bytes = new Bytes();
  private link: Destination = new Destination();
  /** How many bytes references may still put into the output: a long definition may be named very often. */
  private budget: i32;

  constructor(sourceBytes: i32) {
    this.budget = max(100_000, sourceBytes);
  }

  get none(): bool {
    return this.places.length == 0;
  }

  /** Takes the definitions at the beginning of a paragraph. @returns where what is left of it begins */
  take(from: usize, to: usize): usize {
    let p = from;
    while (p < to && load<u8>(p) == 91) {
      const next = this.define(p, to);
      if (!next) break;
      p = next;
    }
    return p;
  }

  private define(from: usize, to: usize): usize {
    const close = labelEnd(from + 1, to);
    if (!close || close + 1 >= to || load<u8>(close + 1) != 58) return 0;
    this.makeKey(from + 1, close);
    if (!this.key.length) return 0;
    const link = this.link;
    const p = skipBlanks(close + 2, to);
    if (p >= to || !link.readDestination(p, to)) return 0;
    let end = lineEnd(link.after, to);
    const title = skipBlanks(link.after, to);
    const withTitle = title > link.after && title < to && link.readTitle(title, to);
    if (withTitle) {
      const after = lineEnd(link.after, to);
      if (after) end = after;
      else link.titleFrom = link.titleTo = 0;
    }
    if (!end) return 0;
    if (this.names.get(this.key.at, this.key.end) < 0) {
      this.names.put(this.key.at, this.key.end, this.places.length);
      this.places.push(<i32>link.from);
      this.places.push(<i32>link.to);
      this.places.push(<i32>link.titleFrom);
      this.places.push(<i32>link.titleTo);
    }
    return end;
  }

  /** Looks up a label, and gives `into` what was defined. */
  find(from: usize, to: usize, into: Destination): bool {
    if (this.none || to - from > 1000) return false;
    this.makeKey(from, to);
    const at = this.key.length ? this.names.get(this.key.at, this.key.end) : -1;
    if (at < 0) return false;
    into.from = this.places.get(at);
    into.to = this.places.get(at + 1);
    into.titleFrom = this.places.get(at + 2);
    into.titleTo = this.places.get(at + 3);
    const cost = <i32>(into.to - into.from + into.titleTo - into.titleFrom);
    if (cost > this.budget) return false;
    this.budget -= cost;
    return true;
  }

  /** Labels are the same without regard to case and to how many blanks are where one is. */
  private makeKey(from: usize, to: usize): void {
    const key = this.key;
    key.clear();
    let gap = false;
    for (let p = from; p < to; p += characterSize(p, to)) {
      const code = codePointAt(p);
      if (isSpace(code)) {
        gap = key.length > 0;
        continue;
      }
      if (gap) key.push(32);
      gap = false;
      key.codePoint(lower(code));
    }
  }
}

/** The beginning of the next line if there are only blanks before it, else 0. */
function lineEnd(p: usize, to: usize): usize {
  while (p < to && (load<u8>(p) == 32 || load<u8>(p) == 9)) p++;
  if (p < to && load<u8>(p) != 10) return 0;
  return min(p + 1, to);
}
