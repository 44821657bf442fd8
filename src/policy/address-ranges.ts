import { type IpAddress, parseIp } from './ip-address.js';

/** What an address is for. Only `public` is reachable without a grant that names the address. */
export type AddressKind =
  | 'public'
  | 'unspecified'
  | 'this-network'
  | 'loopback'
  | 'private'
  | 'shared'
  | 'link-local'
  | 'unique-local'
  | 'site-local'
  | 'multicast'
  | 'broadcast'
  | 'documentation'
  | 'benchmarking'
  | 'protocol-assignment'
  | 'cloud-platform'
  | 'discard'
  | 'segment-routing'
  | 'ipv4-mapped'
  | 'ipv4-compatible'
  | 'nat64'
  | '6to4'
  | 'teredo'
  | 'reserved';

/** A range and why it is not the public internet. */
export interface AddressRange {
  /** CIDR notation. */
  readonly range: string;
  readonly kind: AddressKind;
  /** The document that sets the range aside. */
  readonly source: string;
}

/**
 * The ranges that are not public unicast, most specific first where they overlap. From IANA's "IPv4 Special-Purpose
 * Address Registry", "IPv6 Special-Purpose Address Registry" and "Internet Protocol Version 6 Address Space"; the
 * few globally reachable anycast services inside 192.0.0.0/24 and 2001::/23 are refused with the rest of their range.
 */
export const ADDRESS_RANGES: readonly AddressRange[] = [
  { range: '0.0.0.0/32', kind: 'unspecified', source: 'RFC 1122, 3.2.1.3' },
  { range: '0.0.0.0/8', kind: 'this-network', source: 'RFC 791, 3.2' },
  { range: '10.0.0.0/8', kind: 'private', source: 'RFC 1918' },
  { range: '100.64.0.0/10', kind: 'shared', source: 'RFC 6598 (carrier-grade NAT)' },
  { range: '127.0.0.0/8', kind: 'loopback', source: 'RFC 1122, 3.2.1.3' },
  { range: '168.63.129.16/32', kind: 'cloud-platform', source: 'Azure: what is IP address 168.63.129.16' },
  { range: '169.254.0.0/16', kind: 'link-local', source: 'RFC 3927 (and the metadata services of clouds)' },
  { range: '172.16.0.0/12', kind: 'private', source: 'RFC 1918' },
  { range: '192.0.0.0/24', kind: 'protocol-assignment', source: 'RFC 6890, 2.1' },
  { range: '192.0.2.0/24', kind: 'documentation', source: 'RFC 5737' },
  { range: '192.88.99.0/24', kind: '6to4', source: 'RFC 7526 (deprecated relay anycast)' },
  { range: '192.168.0.0/16', kind: 'private', source: 'RFC 1918' },
  { range: '198.18.0.0/15', kind: 'benchmarking', source: 'RFC 2544' },
  { range: '198.51.100.0/24', kind: 'documentation', source: 'RFC 5737' },
  { range: '203.0.113.0/24', kind: 'documentation', source: 'RFC 5737' },
  { range: '233.252.0.0/24', kind: 'documentation', source: 'RFC 6676 (MCAST-TEST-NET)' },
  { range: '224.0.0.0/4', kind: 'multicast', source: 'RFC 5771' },
  { range: '255.255.255.255/32', kind: 'broadcast', source: 'RFC 919, 7' },
  { range: '240.0.0.0/4', kind: 'reserved', source: 'RFC 1112, 4' },

  { range: '::/128', kind: 'unspecified', source: 'RFC 4291, 2.5.2' },
  { range: '::1/128', kind: 'loopback', source: 'RFC 4291, 2.5.3' },
  { range: '::/96', kind: 'ipv4-compatible', source: 'RFC 4291, 2.5.5.1 (deprecated)' },
  { range: '::ffff:0:0/96', kind: 'ipv4-mapped', source: 'RFC 4291, 2.5.5.2' },
  { range: '64:ff9b::/96', kind: 'nat64', source: 'RFC 6052' },
  { range: '64:ff9b:1::/48', kind: 'nat64', source: 'RFC 8215' },
  { range: '100::/64', kind: 'discard', source: 'RFC 6666' },
  { range: '100:0:0:1::/64', kind: 'discard', source: 'RFC 9780 (dummy prefix)' },
  { range: '2001::/32', kind: 'teredo', source: 'RFC 4380' },
  { range: '2001:2::/48', kind: 'benchmarking', source: 'RFC 5180' },
  { range: '2001::/23', kind: 'protocol-assignment', source: 'RFC 2928' },
  { range: '2001:db8::/32', kind: 'documentation', source: 'RFC 3849' },
  { range: '2002::/16', kind: '6to4', source: 'RFC 3056' },
  { range: '3fff::/20', kind: 'documentation', source: 'RFC 9637' },
  { range: '5f00::/16', kind: 'segment-routing', source: 'RFC 9602' },
  { range: 'fc00::/7', kind: 'unique-local', source: 'RFC 4193' },
  { range: 'fe80::/10', kind: 'link-local', source: 'RFC 4291, 2.5.6' },
  { range: 'fec0::/10', kind: 'site-local', source: 'RFC 3879 (deprecated)' },
  { range: 'ff00::/8', kind: 'multicast', source: 'RFC 4291, 2.7' },
];

/** IPv6 outside of 2000::/3 is not allocated as global unicast, whatever it may become one day. */
const GLOBAL_UNICAST: AddressRange = { range: '2000::/3', kind: 'public', source: 'RFC 4291, 2.4' };
const NOT_ALLOCATED: AddressRange = { range: '::/0', kind: 'reserved', source: 'IANA IPv6 Address Space' };
const PUBLIC_IPV4: AddressRange = { range: '0.0.0.0/0', kind: 'public', source: 'RFC 791' };

interface Prefix {
  readonly version: 4 | 6;
  readonly bits: bigint;
  readonly shift: bigint;
  readonly entry: AddressRange;
}

const PREFIXES = ADDRESS_RANGES.map(prefixOf);
const GLOBAL_UNICAST_PREFIX = prefixOf(GLOBAL_UNICAST);

/**
 * The range that an address lies in. A text that is no address is `reserved`: what cannot be read is not public.
 * IPv4 inside IPv6 (mapped, NAT64, 6to4, Teredo) is judged by its outer form and never unpacked.
 */
export function classifyAddress(address: string): AddressRange {
  const ip = parseIp(address);
  if (ip === undefined) return { range: address, kind: 'reserved', source: 'not an address' };
  const special = PREFIXES.find((prefix) => contains(prefix, ip));
  if (special !== undefined) return special.entry;
  if (ip.version === 4) return PUBLIC_IPV4;
  return contains(GLOBAL_UNICAST_PREFIX, ip) ? GLOBAL_UNICAST : NOT_ALLOCATED;
}

function prefixOf(entry: AddressRange): Prefix {
  const [network = '', length = ''] = entry.range.split('/');
  const ip = parseIp(network)!;
  const shift = BigInt((ip.version === 4 ? 32 : 128) - Number(length));
  return { version: ip.version, bits: ip.value >> shift, shift, entry };
}

function contains(prefix: Prefix, ip: IpAddress): boolean {
  return prefix.version === ip.version && ip.value >> prefix.shift === prefix.bits;
}
