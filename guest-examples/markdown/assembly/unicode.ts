// As much of Unicode as Markdown asks for. Ranges rather than tables: where a range is not exact, a rare character
// counts as a letter.

export function isSpace(code: u32): bool {
  if (code <= 32) return code == 32 || (code >= 9 && code <= 13 && code != 11);
  return code == 0xa0 || code == 0x1680 || (code >= 0x2000 && code <= 0x200a) || code == 0x202f || code == 0x205f || code == 0x3000;
}

@inline
export function isAsciiPunctuation(code: u32): bool {
  return (code >= 33 && code <= 47) || (code >= 58 && code <= 64) || (code >= 91 && code <= 96) || (code >= 123 && code <= 126);
}

@inline
export function isAlphanumeric(code: u32): bool {
  return (code >= 48 && code <= 57) || ((code | 32) >= 97 && (code | 32) <= 122);
}

/** Punctuation and symbols. */
export function isPunctuation(code: u32): bool {
  if (code < 0x80) return isAsciiPunctuation(code);
  if (code < 0x100) {
    if (code == 0xaa || code == 0xb2 || code == 0xb3 || code == 0xb5 || code == 0xb9 || code == 0xba) return false;
    return (code >= 0xa1 && code < 0xbc) || code == 0xbf || code == 0xd7 || code == 0xf7;
  }
  if (code < 0x2010) return code == 0x37e || code == 0x387 || (code >= 0x55a && code <= 0x55f) || code == 0x589 || code == 0x5be || code == 0x60c || code == 0x61b || code == 0x61f || code == 0x964 || code == 0x965;
  if (code <= 0x2bff) {
    if (code <= 0x205e) return code <= 0x2027 || code >= 0x2030;
    if (code >= 0x20a0 && code <= 0x20cf) return true;
    return code >= 0x2190;
  }
  if (code < 0x3040) return (code >= 0x2e00 && code <= 0x2e7f) || (code >= 0x3001 && code <= 0x3004) || (code >= 0x3008 && code <= 0x3020) || code == 0x3030 || code == 0x303d;
  if (code == 0x30fb) return true;
  if (code >= 0xfe10 && code <= 0xff65) {
    if (code <= 0xfe6f) return code <= 0xfe19 || code >= 0xfe30;
    return (code >= 0xff01 && code <= 0xff0f) || (code >= 0xff1a && code <= 0xff20) || (code >= 0xff3b && code <= 0xff40) || code >= 0xff5b;
  }
  return code >= 0x1f000 && code <= 0x1faff;
}

/** The small letter of a capital of the Latin, Greek and Cyrillic alphabets; any other character as it is. */
export function lower(code: u32): u32 {
  if (code < 0x80) return code >= 65 && code <= 90 ? code + 32 : code;
  if (code < 0x100) return code >= 0xc0 && code <= 0xde && code != 0xd7 ? code + 32 : code;
  if (code < 0x180) {
    if (code == 0x130) return 105;
    if (code == 0x178) return 0xff;
    const oddIsCapital = (code >= 0x139 && code <= 0x148) || code >= 0x179;
    if (code == 0x138 || code == 0x149 || code == 0x17f) return code;
    return (code & 1) == <u32>oddIsCapital ? code + 1 : code;
  }
  if (code < 0x386 || code > 0x52f) return code;
  if (code == 0x386) return 0x3ac;
  if (code >= 0x388 && code <= 0x38a) return code + 37;
  if (code == 0x38c) return 0x3cc;
  if (code == 0x38e || code == 0x38f) return code + 63;
  if (code >= 0x391 && code <= 0x3ab) return code + 32;
  if (code < 0x400) return code;
  if (code < 0x410) return code + 80;
  if (code < 0x430) return code + 32;
  const pairs = (code >= 0x460 && code <= 0x481) || (code >= 0x48a && code <= 0x4bf) || code >= 0x4d0;
  return pairs && !(code & 1) ? code + 1 : code;
}
