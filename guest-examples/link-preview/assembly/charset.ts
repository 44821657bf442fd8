import { Bytes, startsWith, valid } from "./bytes";

// What windows-1252 has at 0x80 to 0x9f; 0xfffd where it has nothing.
const HIGH: StaticArray<u16> = [
  0x20ac, 0xfffd, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0xfffd, 0x017d, 0xfffd,
  0xfffd, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0xfffd, 0x017e, 0x0178,
];

/** A page's bytes as UTF-8. Reads UTF-8 and, where the content type says so, Latin-1 in the form that the web gives it. */
export function toUtf8(body: StaticArray<u8>, contentType: Bytes | null): StaticArray<u8> {
  if (contentType === null || !saysLatin1(contentType)) return valid(body);
  const out = new Bytes(body.length + 64);
  for (let i = 0; i < body.length; i++) {
    const c = unchecked(body[i]);
    out.codePoint(c >= 0x80 && c < 0xa0 ? HIGH[c - 0x80] : c);
  }
  const utf8 = new StaticArray<u8>(out.length);
  memory.copy(changetype<usize>(utf8), out.at, out.length);
  return utf8;
}

function saysLatin1(contentType: Bytes): bool {
  let p = contentType.at;
  while (p < contentType.end && !startsWith(p, contentType.end, "charset=", true)) p++;
  if (p >= contentType.end) return false;
  p += 8;
  if (p < contentType.end && load<u8>(p) == 34) p++;
  return (
    startsWith(p, contentType.end, "iso-8859-1", true) ||
    startsWith(p, contentType.end, "windows-1252", true) ||
    startsWith(p, contentType.end, "latin1", true)
  );
}
