import { isIPv4, isIPv6 } from 'node:net';
import { domainToASCII } from 'node:url';

/** What no host may hold: it would end the host part of a URL, hide in it, or smuggle a header. */
const FORBIDDEN = /[\u0000-\u0020\u007f-\u00a0\u2028\u2029/\\?#@%:[\]<>^|"`{}]/;
const LABEL = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/;
/** URL parsers read a name whose last label is a number, decimal or hexadecimal, as an IPv4 address. */
const NUMERIC_LABEL = /^(?:\d+|0x[0-9a-f]*)$/;

/**
 * The one form of a host in rules: lower case, IDN in ASCII, IPv6 compressed and without brackets; `*` and `*.domain`
 * are kept. It equals `new URL(…).hostname` (brackets aside) for every URL of that host.
 *
 * @returns `undefined` for anything else, also for IPv4 addresses in other forms than four decimals (`0x7f.1`, `127.1`,
 * `010.0.0.1`), IPv6 zones, trailing dots, and names that are no host names.
 */
export function normalizeHost(host: string): string | undefined {
  if (host === '*') return host;
  if (host.length > 255) return undefined;
  if (host.startsWith('*.')) {
    const domain = normalizeName(host.slice(2));
    return domain === undefined || isIPv4(domain) ? undefined : `*.${domain}`;
  }
  const address = host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
  if (address.includes(':')) {
    if (!isIPv6(address) || address.includes('%')) return undefined;
    return new URL(`http://[${address}]/`).hostname.slice(1, -1);
  }
  return normalizeName(host);
}

function normalizeName(name: string): string | undefined {
  if (name.length > 253 || FORBIDDEN.test(name)) return undefined;
  if (isIPv4(name)) return name;
  const ascii = domainToASCII(name);
  const labels = ascii.split('.');
  if (
    ascii.length > 253 ||
    !labels.every((label) => LABEL.test(label)) ||
    NUMERIC_LABEL.test(labels.at(-1)!)
  ) {
    return undefined;
  }
  return ascii;
}
