import { Bytes } from "./bytes";
import { entityAt } from "./entities";
import { isAsciiPunctuation } from "./unicode";

/** Appends text with backslash escapes and character references resolved. */
export function unescape(out: Bytes, from: usize, to: usize): void {
  let p = from;
  while (p < to) {
    const c = load<u8>(p);
    if (c == 92 && p + 1 < to && isAsciiPunctuation(load<u8>(p + 1))) {
      out.push(load<u8>(p + 1));
      p += 2;
    } else if (c == 38) {
      const entity = entityAt(p, to);
      if (entity) out.codePoint(<u32>entity);
      else out.push(38);
      p += entity ? <usize>(entity >> 32) : 1;
    } else {
      out.push(c);
      p++;
    }
  }
}

/**
 * Whether a URL may stand in `href` or `src`: it is relative, or its scheme is on the list. A list of what is allowed,
 * because nobody knows all that is dangerous. Decides on what a browser sees: without blanks and control characters.
 */
export function isSafeUrl(from: usize, to: usize): bool {
  for (let p = from; p < to; p++) {
    const c = load<u8>(p);
    if (c == 47 || c == 63 || c == 35) return true;
    if (c != 58) continue;
    return isScheme(from, p, "https") || isScheme(from, p, "http") || isScheme(from, p, "mailto") || isScheme(from, p, "tel");
  }
  return true;
}

function isScheme(from: usize, to: usize, name: string): bool {
  let i = 0;
  for (let p = from; p < to; p++) {
    const c: u32 = load<u8>(p);
    if (c <= 32) continue;
    if (i == name.length || (c | 32) != <u32>name.charCodeAt(i)) return false;
    i++;
  }
  return i == name.length;
}

@inline function hexDigit(value: u32): u32 {
  return value < 10 ? 48 + value : 55 + value;
}

/** Appends a URL for a quoted attribute. What cannot stand in a URL is percent-encoded; what is encoded stays. */
export function writeUrl(out: Bytes, from: usize, to: usize): void {
  for (let p = from; p < to; p++) {
    const c: u32 = load<u8>(p);
    if (c == 38) {
      out.ascii("&amp;");
    } else if (c <= 32 || c >= 127 || c == 34 || c == 60 || c == 62 || (c >= 91 && c <= 94) || c == 96 || (c >= 123 && c <= 125)) {
      out.push(37);
      out.push(hexDigit(c >> 4));
      out.push(hexDigit(c & 15));
    } else {
      out.push(c);
    }
  }
}
