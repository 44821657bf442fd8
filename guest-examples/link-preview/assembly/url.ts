import { Bytes, startsWith } from "./bytes";

/** Whether this is an absolute http or https URL with a host. */
export function isWebUrl(from: usize, to: usize): bool {
  const host = hostOf(from, to);
  if (!host || host >= to) return false;
  const c = load<u8>(host);
  return c != 47 && c != 63 && c != 35 && c != 58;
}

/** Where the host begins; 0 if the scheme is another. */
function hostOf(from: usize, to: usize): usize {
  if (startsWith(from, to, "https://", true)) return from + 8;
  if (startsWith(from, to, "http://", true)) return from + 7;
  return 0;
}

/** Where the path, the query or the fragment of a web URL begins. */
function pathOf(from: usize, to: usize): usize {
  let p = hostOf(from, to);
  while (p < to && load<u8>(p) != 47 && load<u8>(p) != 63 && load<u8>(p) != 35) p++;
  return p;
}

/**
 * Resolves what a page at `base` calls `ref` to an absolute URL.
 * @returns null for what leads to nothing on the web, as `data:` and `javascript:`. Leaves `..` to who fetches it.
 */
export function resolve(base: Bytes, ref: Bytes): Bytes | null {
  const out = new Bytes();
  if (!ref.length || load<u8>(ref.at) == 35) return null;
  if (isWebUrl(ref.at, ref.end)) {
    encode(out, ref.at, ref.end);
    return out;
  }
  if (hasScheme(ref.at, ref.end)) return null;
  const first = load<u8>(ref.at);
  const path = pathOf(base.at, base.end);
  if (startsWith(ref.at, ref.end, "//")) {
    out.append(base.at, hostOf(base.at, base.end) - 2);
  } else if (first == 47) {
    out.append(base.at, path);
  } else {
    let end = path;
    while (end < base.end && load<u8>(end) != 63 && load<u8>(end) != 35) end++;
    if (first != 63) while (end > path && load<u8>(end - 1) != 47) end--;
    out.append(base.at, end);
    if (end == path) out.push(47);
  }
  encode(out, ref.at, ref.end);
  return isWebUrl(out.at, out.end) ? out : null;
}

function hasScheme(from: usize, to: usize): bool {
  for (let p = from; p < to; p++) {
    const c = load<u8>(p);
    if (c == 58) return true;
    if (c == 47 || c == 63 || c == 35) return false;
  }
  return false;
}

function encode(out: Bytes, from: usize, to: usize): void {
  for (let p = from; p < to; p++) {
    const c = load<u8>(p);
    if (c == 32) out.ascii("%20");
    else if (c == 34) out.ascii("%22");
    else if (c == 60) out.ascii("%3C");
    else if (c == 62) out.ascii("%3E");
    else if (c > 32) out.push(c);
  }
}
