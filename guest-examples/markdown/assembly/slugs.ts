import { Bytes, characterSize, codePointAt } from "./bytes";
import { Names } from "./names";
import { isPunctuation, isSpace, lower } from "./unicode";

/** Makes ids from the text of headings as GitHub does: `Hello, World!` is `hello-world`, and again `hello-world-1`. */
export class Slugs {
  /** For each id that is taken the number to try next for another of its name. */
  private taken: Names = new Names();
  /** The id that was made last; empty if the heading has no letter or digit. */
  readonly id: Bytes = new Bytes();

  make(from: usize, to: usize): void {
    const id = this.id;
    id.clear();
    let gap = false;
    for (let p = from; p < to; p += characterSize(p, to)) {
      const code = codePointAt(p);
      if (isSpace(code)) {
        gap = true;
        continue;
      }
      if (code < 32 || (isPunctuation(code) && code != 45 && code != 95)) continue;
      if (gap && id.length) id.push(45);
      gap = false;
      id.codePoint(lower(code));
    }
    if (!id.length) return;
    let next = this.taken.get(id.at, id.end);
    if (next < 0) {
      this.taken.put(id.at, id.end, 1);
      return;
    }
    const name = id.length;
    do {
      id.length = name;
      id.push(45);
      id.decimal(next++);
    } while (this.taken.get(id.at, id.end) >= 0);
    this.taken.put(id.at, id.at + name, next);
    this.taken.put(id.at, id.end, 1);
  }
}
