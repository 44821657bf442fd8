import { codePointAt } from "./bytes";
import { Ints } from "./ints";
import { Mark } from "./mark";
import { isPunctuation, isSpace } from "./unicode";

/** More runs than this in one paragraph are text: bounds the memory that a hostile one costs. */
const MAX_RUNS = 100_000;

// A record for each run of `*`, `_` or `~~` that may open or close something.
const RUN = 6;
const LOW = 0; // what is left of it: [LOW, HIGH). Closing takes from the left, opening from the right
const HIGH = 1;
const SIZE = 2; // its length at first
const KIND = 3; // the byte, and the two bits below
const PREVIOUS = 4;
const NEXT = 5;

const OPENS = 256;
const CLOSES = 512;

/** Emphasis, by the specification's list of delimiters (0.31, section 6.2 and appendix). Names runs by their index. */
export class Delimiters {
  private runs: Ints = new Ints();
  /** The last run that is not settled; -1 for none. */
  last: i32 = -1;
  /** For each class of closers: up to this run none can open for it. Keeps the search linear. */
  private floor: StaticArray<i32> = new StaticArray<i32>(13);

  clear(): void {
    this.runs.length = 0;
    this.last = -1;
  }

  /** Adds the run at byte `at` of a text. */
  add(text: usize, size: i32, at: i32, length: i32): void {
    const c = load<u8>(text + at);
    if ((c == 126 && length != 2) || this.runs.length >= MAX_RUNS * RUN) return;
    let p = text + at;
    let before: u32 = 10;
    if (at) {
      p--;
      while (p > text && (load<u8>(p) & 0xc0) == 0x80) p--;
      before = codePointAt(p);
    }
    const after: u32 = at + length < size ? codePointAt(text + at + length) : 10;
    const spaceBefore = isSpace(before);
    const spaceAfter = isSpace(after);
    const punctuationBefore = isPunctuation(before);
    const punctuationAfter = isPunctuation(after);
    const left = !spaceAfter && (!punctuationAfter || spaceBefore || punctuationBefore);
    const right = !spaceBefore && (!punctuationBefore || spaceAfter || punctuationAfter);
    const inWord = c == 95; // `_` inside a word is a letter
    const opens = left && (!inWord || !right || punctuationBefore);
    const closes = right && (!inWord || !left || punctuationAfter);
    if (!opens && !closes) return;
    const run = this.runs.length / RUN;
    this.runs.push(at);
    this.runs.push(at + length);
    this.runs.push(length);
    this.runs.push(<i32>c | (opens ? OPENS : 0) | (closes ? CLOSES : 0));
    this.runs.push(this.last);
    this.runs.push(-1);
    if (this.last >= 0) this.set(this.last, NEXT, run);
    this.last = run;
  }

  /** Pairs the runs after `bottom`, notes at the bytes of each pair what they are, and forgets the runs. */
  pair(bottom: i32, marks: usize): void {
    let closer = -1;
    for (let run = this.last; run != bottom; run = this.get(run, PREVIOUS)) closer = run;
    for (let i = 0; i < this.floor.length; i++) this.floor[i] = bottom;
    while (closer >= 0) {
      const kind = this.get(closer, KIND);
      if (!(kind & CLOSES)) {
        closer = this.get(closer, NEXT);
        continue;
      }
      const group = this.groupOf(closer);
      let opener = this.get(closer, PREVIOUS);
      while (opener > this.floor[group] && !this.match(opener, closer)) opener = this.get(opener, PREVIOUS);
      if (opener > this.floor[group]) {
        closer = this.marry(opener, closer, marks);
      } else {
        this.floor[group] = this.get(closer, PREVIOUS);
        const next = this.get(closer, NEXT);
        if (!(kind & OPENS)) this.remove(closer);
        closer = next;
      }
    }
    this.last = bottom;
    if (bottom >= 0) this.set(bottom, NEXT, -1);
  }

  private groupOf(run: i32): i32 {
    const kind = this.get(run, KIND);
    const c = kind & 255;
    if (c == 126) return 12;
    return (c == 95 ? 6 : 0) + (kind & OPENS ? 3 : 0) + (this.get(run, SIZE) % 3);
  }

  private match(opener: i32, closer: i32): bool {
    const a = this.get(opener, KIND);
    const b = this.get(closer, KIND);
    if ((a & 255) != (b & 255) || !(a & OPENS)) return false;
    if ((a & 255) == 126 || !((a & CLOSES) | (b & OPENS))) return true;
    // A run that could do both must not make a sum that is a multiple of three: `**a*b**` would come out crossed.
    const one = this.get(opener, SIZE);
    const other = this.get(closer, SIZE);
    return (one + other) % 3 != 0 || (one % 3 == 0 && other % 3 == 0);
  }

  /** Takes one or two bytes of each. @returns the next closer */
  private marry(opener: i32, closer: i32, marks: usize): i32 {
    const high = this.get(opener, HIGH);
    const low = this.get(closer, LOW);
    const left = high - this.get(opener, LOW);
    const right = this.get(closer, HIGH) - low;
    const two = left >= 2 && right >= 2;
    const del = (this.get(opener, KIND) & 255) == 126;
    const use = two ? 2 : 1;
    store<u8>(marks + high - use, del ? Mark.DelOpen : two ? Mark.StrongOpen : Mark.EmOpen);
    store<u8>(marks + low, del ? Mark.DelClose : two ? Mark.StrongClose : Mark.EmClose);
    if (two) {
      store<u8>(marks + high - 1, Mark.Skip);
      store<u8>(marks + low + 1, Mark.Skip);
    }
    this.set(opener, HIGH, high - use);
    this.set(closer, LOW, low + use);
    this.set(opener, NEXT, closer); // what is between pairs with nothing any more
    this.set(closer, PREVIOUS, opener);
    if (left == use) this.remove(opener);
    if (right > use) return closer;
    const next = this.get(closer, NEXT);
    this.remove(closer);
    return next;
  }

  private remove(run: i32): void {
    const previous = this.get(run, PREVIOUS);
    const next = this.get(run, NEXT);
    if (previous >= 0) this.set(previous, NEXT, next);
    if (next >= 0) this.set(next, PREVIOUS, previous);
    else this.last = previous;
  }

  @inline private get(run: i32, field: i32): i32 {
    return this.runs.get(run * RUN + field);
  }

  @inline private set(run: i32, field: i32, value: i32): void {
    this.runs.set(run * RUN + field, value);
  }
}
