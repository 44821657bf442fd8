import { isIP, isIPv6 } from 'node:net';

/**
 * The one spelling in which hosts are compared: lower case, IDN in ASCII, IPv6 without brackets and shortened, as the
 * WHATWG URL parser writes it. Patterns (`*`, `*.domain`) keep their star. What is no host stays as it is in lower
 * case; no URL ever has such a host, so it matches nothing.
 */
export function canonicalHost(pattern: string): string {
  if (pattern === '*') return pattern;
  if (pattern.startsWith('*.')) return `*.${canonicalHost(pattern.slice(2))}`;
  const bare = pattern.startsWith('[') && pattern.endsWith(']') ? pattern.slice(1, -1) : pattern;
  if (!isIPv6(bare) && /[\s/\\?#@:%[\]*]/.test(bare)) return pattern.toLowerCase();
  try {
    return bareHost(new URL(`http://${isIPv6(bare) ? `[${bare}]` : bare}/`));
  } catch {
    return pattern.toLowerCase();
  }
}

/** The host of a URL without the brackets of IPv6. */
export function bareHost(url: URL): string {
  const { hostname } = url;
  return hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
}

/** True if the canonical `host` of a URL lies in the canonical `pattern`. `*.example.com` does not cover `example.com`. */
export function patternCoversHost(pattern: string, host: string): boolean {
  if (pattern === '*') return true;
  // A star stands for labels of a name; an address has none, though `1.2.3.4` looks as if it had.
  if (pattern.startsWith('*.'))
    return isIP(host) === 0 && host.length > pattern.length - 1 && host.endsWith(pattern.slice(1));
  return pattern === host;
}

/** The pattern whose hosts are exactly those of both; `undefined` where there is none. */
export function intersectHosts(a: string, b: string): string | undefined {
  if (a === b || b === '*') return a;
  if (a === '*') return b;
  const aStar = a.startsWith('*.');
  const bStar = b.startsWith('*.');
  if (aStar && bStar) {
    if (a.endsWith(b.slice(1))) return a;
    return b.endsWith(a.slice(1)) ? b : undefined;
  }
  if (aStar) return patternCoversHost(a, b) ? b : undefined;
  if (bStar) return patternCoversHost(b, a) ? a : undefined;
  return undefined;
}

/** True if the host names one machine's address beyond doubt: an IP literal, or `localhost`. */
export function namesAddress(host: string): boolean {
  return host === 'localhost' || isIP(host) !== 0;
}
