import { Cursor } from "./cursor";

/** `@decorator` and `#[attribute]`, the latter up to its bracket or the end of the line. */
export function attribute(at: Cursor, c: u32, mark: u32, bracket: u32): bool {
  if (c != mark) return false;
  const start = at.p;
  let p = start + 1;
  if (bracket) {
    if (p < at.end && load<u8>(p) == 33) p++;
    if (p >= at.end || load<u8>(p) != bracket) return false;
    let open = 0;
    while (p < at.end) {
      const d: u32 = load<u8>(p);
      if (d == 10) break;
      p++;
      if (d == bracket) open++;
      else if (d == bracket + 2 && --open == 0) break;
    }
  } else {
    while (p < at.end && (at.isWord(load<u8>(p)) || load<u8>(p) == 46)) p++;
    if (p == start + 1) return false;
  }
  at.p = p;
  at.paint("meta", start);
  return true;
}
