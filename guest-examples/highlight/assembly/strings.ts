import { Cursor, isDigit, isLetter } from "./cursor";
import { has, Kind } from "./languages";

/** A string whose opening quote is at the current place; `start` is where its prefix begins. */
export function quoted(at: Cursor, quote: u32, start: usize): void {
  const kind = at.language.kind;
  let triple = false;
  if (kind == Kind.Python && at.byte(1) == quote && at.byte(2) == quote) {
    triple = true;
    at.p += 2;
  }
  at.p++;
  const multiline = triple || kind == Kind.Rust || kind == Kind.Sh;
  const escapes = !(kind == Kind.Sh && quote == 39);
  while (at.p < at.end) {
    const c: u32 = load<u8>(at.p);
    if (c == 92 && escapes) {
      at.p += 2;
      continue;
    }
    if (c == 10 && !multiline) break;
    if (c == quote && (!triple || (at.byte(1) == quote && at.byte(2) == quote))) {
      at.p += triple ? 3 : 1;
      break;
    }
    at.p++;
  }
  at.paint(kind == Kind.Json && colonFollows(at) ? "attribute" : "string", start);
}

function colonFollows(at: Cursor): bool {
  let p = at.p;
  while (p < at.end && (load<u8>(p) == 32 || load<u8>(p) == 10 || load<u8>(p) == 9 || load<u8>(p) == 13)) p++;
  return p < at.end && load<u8>(p) == 58;
}

/** Python's `f"…"`, Rust's `b"…"`, `r#"…"#` and `b'x'`: the word before the quote belongs to the string. */
export function prefixedString(at: Cursor, start: usize, size: i32, next: u32): bool {
  const kind = at.language.kind;
  if (size > 2) return false;
  if (kind == Kind.Python && (next == 34 || next == 39)) {
    if (!has(" r b f u t rb br fr rf R B F U RB BR FR RF Rb bR ", start, at.p)) return false;
    quoted(at, next, start);
    return true;
  }
  if (kind != Kind.Rust || !has(" r b c br cr ", start, at.p)) return false;
  if (next == 34 && load<u8>(at.p - 1) != 114) {
    quoted(at, 34, start);
    return true;
  }
  if (next == 39 && size == 1 && load<u8>(start) == 98) return rustCharacter(at, start);
  if (load<u8>(at.p - 1) != 114) return false;
  let hashes = 0;
  while (at.byte(hashes) == 35) hashes++;
  if (at.byte(hashes) != 34) return false;
  at.p += hashes + 1;
  while (at.p < at.end) {
    if (load<u8>(at.p++) != 34) continue;
    let i = 0;
    while (i < hashes && at.byte(i) == 35) i++;
    if (i == hashes) {
      at.p += hashes;
      break;
    }
  }
  at.paint("string", start);
  return true;
}

/** Rust's `'a'`, `'\n'` and the lifetime `'a`. */
export function rustCharacter(at: Cursor, start: usize): bool {
  const quote = at.p;
  let p = quote + 1;
  if (p < at.end && load<u8>(p) == 92) {
    p += 2;
    while (p < at.end && p < quote + 14 && load<u8>(p) != 39 && load<u8>(p) != 10) p++;
  } else if (p < at.end) {
    p++;
    while (p < at.end && (load<u8>(p) & 0xc0) == 0x80) p++;
  }
  if (p < at.end && load<u8>(p) == 39 && p > quote + 1) {
    at.p = p + 1;
    at.paint("string", start);
    return true;
  }
  p = quote + 1;
  while (p < at.end && (isLetter(load<u8>(p)) || isDigit(load<u8>(p)))) p++;
  if (p == quote + 1) return false;
  at.p = p;
  at.paint("symbol", start);
  return true;
}
