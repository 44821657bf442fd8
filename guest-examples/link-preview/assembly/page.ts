import { Bytes, characterSize, equals, startsWith } from "./bytes";
import { entityAt } from "./entities";

/** What is looked at of a page: what a preview needs is at its beginning. */
const MAX_BYTES = 512 * 1024;

/** Finds the title and the `meta` tags of a page, however it is written. Walks over it once. */
export class Page {
  private p: usize;
  private end: usize;
  private title: Bytes | null = null;
  /** The content of the first `meta` of each name that is asked for. */
  private metas: Map<string, Bytes> = new Map<string, Bytes>();
  private name: Bytes = new Bytes();
  private value: Bytes = new Bytes();

  constructor(
    html: StaticArray<u8>,
    private wanted: string[],
  ) {
    this.p = changetype<usize>(html);
    this.end = this.p + min(html.length, MAX_BYTES);
    while (this.p < this.end) {
      if (load<u8>(this.p) != 60) this.p++;
      else if (!this.tag()) break;
    }
  }

  /** The first of these metas that is there and not empty, `title` being the page's title; null if none is. */
  first(names: string[], maxCharacters: i32): Bytes | null {
    for (let i = 0; i < names.length; i++) {
      const name = names[i];
      const raw = name == "title" ? this.title : this.metas.has(name) ? this.metas.get(name) : null;
      if (raw === null) continue;
      const text = tidy(raw, maxCharacters);
      if (text.length) return text;
    }
    return null;
  }

  /** Reads what begins with `<`. @returns false where nothing more of interest can come */
  private tag(): bool {
    const p = this.p;
    if (startsWith(p, this.end, "<!--")) {
      this.p += 4;
      this.after("-->");
      return true;
    }
    if (startsWith(p, this.end, "</head", true) || startsWith(p, this.end, "<body", true)) return false;
    this.p++;
    const from = this.p;
    while (this.p < this.end && isLetter(load<u8>(this.p))) this.p++;
    const to = this.p;
    if (equals(from, to, "meta", true)) {
      this.meta();
      return true;
    }
    if (to == from) return true; // `</…>`, `<!doctype …>`, or no tag at all
    while (this.attribute(null, null)) {}
    if (equals(from, to, "title", true)) {
      const start = this.p;
      const stop = this.until("</title");
      if (this.title === null) {
        const text = new Bytes();
        text.append(start, stop);
        this.title = text;
      }
    } else if (equals(from, to, "script", true)) {
      this.until("</script");
    } else if (equals(from, to, "style", true)) {
      this.until("</style");
    } else if (equals(from, to, "noscript", true)) {
      this.until("</noscript");
    }
    return true;
  }

  private meta(): void {
    let key: string | null = null;
    let content: Bytes | null = null;
    const name = this.name;
    const value = this.value;
    while (this.attribute(name, value)) {
      if (equals(name.at, name.end, "property") || equals(name.at, name.end, "name")) {
        if (key === null && value.length <= 64) key = value.text().toLowerCase();
      } else if (equals(name.at, name.end, "content") && content === null) {
        content = new Bytes(value.length);
        content.append(value.at, value.end);
      }
    }
    if (key === null || content === null) return;
    if (this.wanted.includes(key) && !this.metas.has(key)) this.metas.set(key, content);
  }

  /** Reads an attribute of the tag that is open; false where the tag ends. The name comes in lower case. */
  private attribute(name: Bytes | null, value: Bytes | null): bool {
    if (name !== null) name.clear();
    if (value !== null) value.clear();
    while (this.p < this.end && (load<u8>(this.p) <= 32 || load<u8>(this.p) == 47)) this.p++;
    if (this.p >= this.end) return false;
    if (load<u8>(this.p) == 62) {
      this.p++;
      return false;
    }
    do {
      const c = load<u8>(this.p++);
      if (name !== null) name.push(c >= 65 && c <= 90 ? c | 32 : c);
    } while (this.p < this.end && !isNameEnd(load<u8>(this.p)));
    while (this.p < this.end && load<u8>(this.p) <= 32) this.p++;
    if (this.p >= this.end || load<u8>(this.p) != 61) return true;
    this.p++;
    while (this.p < this.end && load<u8>(this.p) <= 32) this.p++;
    const quote: u8 = this.p < this.end ? load<u8>(this.p) : 0;
    const quoted = quote == 34 || quote == 39;
    if (quoted) this.p++;
    const from = this.p;
    while (this.p < this.end) {
      const c = load<u8>(this.p);
      if (quoted ? c == quote : c <= 32 || c == 62) break;
      this.p++;
    }
    if (value !== null) value.append(from, this.p);
    if (quoted && this.p < this.end) this.p++;
    return true;
  }

  /** Moves to a text, or to the end. @returns where it is */
  private until(text: string): usize {
    while (this.p < this.end && !startsWith(this.p, this.end, text, true)) this.p++;
    return this.p;
  }

  private after(text: string): void {
    this.until(text);
    this.p = min(this.p + text.length, this.end);
  }
}

@inline function isLetter(c: u8): bool {
  return (c | 32) >= 97 && (c | 32) <= 122;
}

@inline function isNameEnd(c: u8): bool {
  return c <= 32 || c == 61 || c == 62 || c == 47;
}

/** Text as a person reads it: character references resolved, blanks as one, none around, and not too long. */
function tidy(raw: Bytes, maxCharacters: i32): Bytes {
  const text = new Bytes(raw.length);
  let p = raw.at;
  while (p < raw.end) {
    const entity = load<u8>(p) == 38 ? entityAt(p, raw.end) : 0;
    if (entity) text.codePoint(<u32>entity);
    else text.push(load<u8>(p));
    p += entity ? <usize>(entity >> 32) : 1;
  }
  const out = new Bytes(text.length);
  let gap = false;
  let characters = 0;
  p = text.at;
  while (p < text.end) {
    const size = max(characterSize(p, text.end), 1);
    const blank = load<u8>(p) <= 32 || (size == 2 && load<u16>(p) == 0xa0c2);
    if (!blank) {
      if (characters >= maxCharacters) {
        out.codePoint(0x2026);
        break;
      }
      if (gap) out.push(32);
      characters += gap ? 2 : 1;
      out.append(p, p + size);
    }
    gap = blank && out.length > 0;
    p += size;
  }
  return out;
}
