import { startsWith } from "./bytes";
import { isAlphanumeric } from "./unicode";

/** The end of `<scheme:…>` or `<name@host>` with `p` at the `<`; 0 if there is none. */
export function autolinkEnd(p: usize, end: usize): usize {
  let q = p + 1;
  let at = false;
  let colon = false;
  while (q < end) {
    const c = load<u8>(q);
    if (c == 62) return (colon ? isUrl(p + 1, q) : at && isAddress(p + 1, q)) ? q + 1 : 0;
    if (c <= 32 || c == 60) return 0;
    if (c == 64) at = true;
    if (c == 58) colon = true;
    q++;
  }
  return 0;
}

/** A scheme of 2 to 32 letters, digits, `+`, `.`, `-`, then a colon. */
function isUrl(from: usize, to: usize): bool {
  if (isAlphanumeric(load<u8>(from)) && load<u8>(from) <= 57) return false;
  let p = from;
  while (p < to && p < from + 33) {
    const c = load<u8>(p);
    if (c == 58) return p >= from + 2;
    if (!isAlphanumeric(c) && c != 43 && c != 45 && c != 46) return false;
    p++;
  }
  return false;
}

export function isAddress(from: usize, to: usize): bool {
  let p = from;
  while (p < to && (isAlphanumeric(load<u8>(p)) || startsAddressMark(load<u8>(p)))) p++;
  if (p == from || p >= to || load<u8>(p) != 64) return false;
  const host = ++p;
  while (p < to) {
    const c = load<u8>(p);
    const inside = p > host && p + 1 < to && load<u8>(p - 1) != 46;
    if (!isAlphanumeric(c) && !((c == 45 || c == 46) && inside)) return false;
    p++;
  }
  return p > host;
}

function startsAddressMark(c: u8): bool {
  const marks = ".!#$%&'*+/=?^_`{|}~-";
  for (let i = 0; i < marks.length; i++) if (load<u16>(changetype<usize>(marks) + (i << 1)) == <u16>c) return true;
  return false;
}

/** The end of a URL that stands in the text as it is, with `p` at its `h`; 0 if there is none. */
export function bareUrlEnd(p: usize, end: usize): usize {
  let q = p;
  if (startsWith(p, end, "https://")) q += 8;
  else if (startsWith(p, end, "http://")) q += 7;
  else return 0;
  const host = q;
  // Before the search for the end: a host that is none must not cost more than a look.
  if (q >= end || !(isAlphanumeric(load<u8>(q)) || load<u8>(q) >= 128)) return 0;
  let open = 0;
  while (q < end) {
    const c = load<u8>(q);
    if (c <= 32 || c == 60 || c == 62 || c == 34 || c == 91 || c == 93 || c == 96) break;
    if (c == 40) open++;
    else if (c == 41) open--;
    q++;
  }
  // Punctuation at the end belongs to the sentence, and so does a parenthesis that was opened before the URL.
  while (q > host) {
    const c = load<u8>(q - 1);
    if (c == 41 && open < 0) open++;
    else if (c != 33 && c != 39 && c != 42 && c != 44 && c != 46 && c != 58 && c != 59 && c != 63 && c != 95 && c != 126) break;
    q--;
  }
  return q > host ? q : 0;
}
