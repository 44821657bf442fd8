import { isIP } from 'node:net';

/** An address as a number: 32 bits for IPv4, 128 for IPv6. */
export interface IpAddress {
  readonly version: 4 | 6;
  readonly value: bigint;
}

/** Reads an address without zone or brackets; `undefined` for anything else. */
export function parseIp(text: string): IpAddress | undefined {
  // isIP takes `fe80::1%eth0` for an address: the zone says which interface, and a policy cannot judge that.
  if (text.includes('%')) return undefined;
  const version = isIP(text);
  if (version === 4) return { version, value: ipv4Value(text) };
  if (version === 6) return { version, value: ipv6Value(text) };
  return undefined;
}

/** True if both texts are the same address; `::1` and `0:0:0:0:0:0:0:1` are, `127.0.0.1` and `::ffff:127.0.0.1` are not. */
export function sameAddress(a: string, b: string): boolean {
  const left = parseIp(a);
  const right = parseIp(b);
  return (
    left !== undefined && right !== undefined && left.version === right.version && left.value === right.value
  );
}

function ipv4Value(text: string): bigint {
  return text.split('.').reduce((value, part) => (value << 8n) | BigInt(part), 0n);
}

function ipv6Value(text: string): bigint {
  const [head = '', tail] = text.split('::');
  const before = groups(head);
  if (tail === undefined) return join(before);
  const after = groups(tail);
  const zeros = Array<bigint>(8 - before.length - after.length).fill(0n);
  return join([...before, ...zeros, ...after]);
}

/** The 16-bit groups of one side of `::`; a dotted IPv4 tail makes two. */
function groups(text: string): bigint[] {
  if (text === '') return [];
  return text.split(':').flatMap((group) => {
    if (!group.includes('.')) return [BigInt(`0x${group}`)];
    const value = ipv4Value(group);
    return [value >> 16n, value & 0xffffn];
  });
}

function join(parts: readonly bigint[]): bigint {
  return parts.reduce((value, part) => (value << 16n) | part, 0n);
}
