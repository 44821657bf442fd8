import { Cursor, isDigit, isLetter } from "./cursor";
import { has } from "./languages";

/** `$name`, `${…}`, `$1`, `$?` and options. */
export function shell(at: Cursor, c: u32): bool {
  const start = at.p;
  if (c == 45) {
    // An option, unless the dash is inside a word.
    if (start > at.from && load<u8>(start - 1) > 32) return false;
    while (at.p < at.end && at.isWord(load<u8>(at.p))) at.p++;
    at.paint("attribute", start);
    return true;
  }
  if (c != 36) return false;
  const next = at.byte(1);
  let p = start + 1;
  if (next == 123) {
    while (p < at.end && load<u8>(p) != 125 && load<u8>(p) != 10) p++;
    if (p < at.end && load<u8>(p) == 125) p++;
  } else if (isLetter(next)) {
    while (p < at.end && (isLetter(load<u8>(p)) || isDigit(load<u8>(p)))) p++;
  } else if (isDigit(next) || (next && has(" ? ! # @ * $ - ", p, p + 1))) {
    p++;
  } else {
    return false;
  }
  at.p = min(p, at.end);
  at.paint("variable", start);
  return true;
}
