// Character references of HTML: `&amp;`, `&#65;`, `&#x41;`. All numeric ones, and the named ones that people type.

/** The named ones that are known, each with its code point. Others stay as they were typed. */
const NAMED =
  "amp 38 lt 60 gt 62 quot 34 apos 39 nbsp 160 copy 169 reg 174 trade 8482 hellip 8230 mdash 8212 ndash 8211 lsquo 8216 rsquo 8217 ldquo 8220 rdquo 8221 laquo 171 raquo 187 times 215 divide 247 plusmn 177 middot 183 bull 8226 deg 176 micro 181 euro 8364 pound 163 yen 165 cent 162 sect 167 para 182 larr 8592 uarr 8593 rarr 8594 darr 8595 harr 8596 le 8804 ge 8805 ne 8800 frac12 189 frac14 188 frac34 190 colon 58 Tab 9 NewLine 10 sol 47 lpar 40 rpar 41 lsqb 91 rsqb 93 ast 42 num 35 lowbar 95 grave 96 vert 124 zwj 8205 zwnj 8204 shy 173 eacute 233 egrave 232 agrave 224 ccedil 231 auml 228 ouml 246 uuml 252 szlig 223 Auml 196 Ouml 214 Uuml 220 ntilde 241 ";

/** The code point of the character reference at `p` (an `&`), with its length above bit 32; 0 if there is none. */
export function entityAt(p: usize, end: usize): u64 {
  let q = p + 1;
  if (q >= end) return 0;
  let code: u32 = 0;
  if (load<u8>(q) == 35) {
    q++;
    const hex = q < end && (load<u8>(q) | 32) == 120;
    if (hex) q++;
    const start = q;
    const limit = start + (hex ? 6 : 7);
    while (q < end && q < limit) {
      const c: u32 = load<u8>(q);
      if (c >= 48 && c <= 57) code = code * (hex ? 16 : 10) + c - 48;
      else if (hex && (c | 32) >= 97 && (c | 32) <= 102) code = code * 16 + (c | 32) - 87;
      else break;
      q++;
    }
    if (q == start) return 0;
    if (!code) code = 0xfffd;
  } else {
    while (q < end && q < p + 32 && isNameByte(load<u8>(q))) q++;
  }
  if (q >= end || load<u8>(q) != 59) return 0;
  if (!code) code = named(p + 1, q);
  if (!code) return 0;
  return (<u64>(q + 1 - p) << 32) | code;
}

@inline function isNameByte(c: u8): bool {
  return (c >= 48 && c <= 57) || ((c | 32) >= 97 && (c | 32) <= 122);
}

function named(from: usize, to: usize): u32 {
  const size = <i32>(to - from);
  const data = changetype<usize>(NAMED);
  let i = 0;
  while (i < NAMED.length) {
    const start = i;
    while (load<u16>(data + (i << 1)) != 32) i++;
    let same = i - start == size;
    for (let k = 0; same && k < size; k++) {
      same = <u16>load<u8>(from + k) == load<u16>(data + ((start + k) << 1));
    }
    let code: u32 = 0;
    for (i++; load<u16>(data + (i << 1)) != 32; i++) code = code * 10 + load<u16>(data + (i << 1)) - 48;
    if (same) return code;
    i++;
  }
  return 0;
}
