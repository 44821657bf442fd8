import { BlockList } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ADDRESS_RANGES, classifyAddress } from '../../src/policy/address-ranges.js';
import { parseIp, sameAddress } from '../../src/policy/ip-address.js';

const ipv4 = (value: number) => [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join('.');
const ipv6 = (groups: readonly number[]) => groups.map((group) => group.toString(16)).join(':');

/** Node's own matcher, as an independent second opinion. */
function special(version: 4 | 6): BlockList {
  const list = new BlockList();
  for (const { range } of ADDRESS_RANGES) {
    const [network = '', bits] = range.split('/');
    if (network.includes(':') === (version === 6)) list.addSubnet(network, Number(bits), `ipv${version}`);
  }
  return list;
}

describe('classifyAddress', () => {
  it.each([
    ['8.8.8.8', 'public'],
    ['0.0.0.0', 'unspecified'],
    ['0.1.2.3', 'this-network'],
    ['10.0.0.0', 'private'],
    ['10.255.255.255', 'private'],
    ['11.0.0.0', 'public'],
    ['100.63.255.255', 'public'],
    ['100.64.0.0', 'shared'],
    ['100.127.255.255', 'shared'],
    ['100.128.0.0', 'public'],
    ['127.0.0.1', 'loopback'],
    ['127.255.255.255', 'loopback'],
    ['168.63.129.16', 'cloud-platform'],
    ['169.254.169.254', 'link-local'],
    ['172.15.255.255', 'public'],
    ['172.16.0.0', 'private'],
    ['172.31.255.255', 'private'],
    ['172.32.0.0', 'public'],
    ['192.0.0.9', 'protocol-assignment'],
    ['192.0.2.1', 'documentation'],
    ['192.88.99.1', '6to4'],
    ['192.168.1.1', 'private'],
    ['198.17.255.255', 'public'],
    ['198.18.0.1', 'benchmarking'],
    ['198.19.255.255', 'benchmarking'],
    ['198.51.100.7', 'documentation'],
    ['203.0.113.7', 'documentation'],
    ['224.0.0.1', 'multicast'],
    ['233.252.0.1', 'documentation'],
    ['240.0.0.1', 'reserved'],
    ['255.255.255.255', 'broadcast'],
    ['::', 'unspecified'],
    ['::1', 'loopback'],
    ['::127.0.0.1', 'ipv4-compatible'],
    ['::ffff:8.8.8.8', 'ipv4-mapped'],
    ['::ffff:127.0.0.1', 'ipv4-mapped'],
    ['::ffff:0:127.0.0.1', 'reserved'],
    ['64:ff9b::7f00:1', 'nat64'],
    ['64:ff9b:1:abcd::1', 'nat64'],
    ['100::1', 'discard'],
    ['2001::1', 'teredo'],
    ['2001:2::1', 'benchmarking'],
    ['2001:1::1', 'protocol-assignment'],
    ['2001:db8::1', 'documentation'],
    ['2001:4860:4860::8888', 'public'],
    ['2002:7f00:1::', '6to4'],
    ['2606:4700::1111', 'public'],
    ['3fff::1', 'documentation'],
    ['3fff:1000::1', 'public'],
    ['4000::1', 'reserved'],
    ['5f00::1', 'segment-routing'],
    ['fc00::1', 'unique-local'],
    ['fd00:ec2::254', 'unique-local'],
    ['fe80::1', 'link-local'],
    ['fe80::1%eth0', 'reserved'],
    ['fec0::1', 'site-local'],
    ['ff02::1', 'multicast'],
    ['', 'reserved'],
    ['localhost', 'reserved'],
    ['127.1', 'reserved'],
    ['[::1]', 'reserved'],
  ])('%s is %s', (address, kind) => {
    expect(classifyAddress(address).kind).toBe(kind);
  });

  it('agrees with net.BlockList on every IPv4 address', () => {
    const list = special(4);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffffffff }).map(ipv4), (address) => {
        expect(classifyAddress(address).kind !== 'public').toBe(list.check(address, 'ipv4'));
      }),
      { numRuns: 2_000 },
    );
  });

  it('agrees with net.BlockList on every IPv6 address of 2000::/3, and calls the rest not public', () => {
    const list = special(6);
    const first = fc.oneof(fc.integer({ min: 0x2000, max: 0x3fff }), fc.constantFrom(0x2001, 0x2002, 0x3fff));
    const second = fc.oneof(fc.integer({ min: 0, max: 0xffff }), fc.constantFrom(0, 2, 0xdb8, 0x1ff, 0x200));
    const rest = fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 6, maxLength: 6 });
    fc.assert(
      fc.property(first, second, rest, (a, b, others) => {
        const address = ipv6([a, b, ...others]);
        expect(classifyAddress(address).kind !== 'public').toBe(list.check(address, 'ipv6'));
      }),
      { numRuns: 2_000 },
    );
    const outside = fc.oneof(fc.integer({ min: 0, max: 0x1fff }), fc.integer({ min: 0x4000, max: 0xffff }));
    fc.assert(
      fc.property(outside, second, rest, (a, b, others) => {
        expect(classifyAddress(ipv6([a, b, ...others])).kind).not.toBe('public');
      }),
      { numRuns: 1_000 },
    );
  });

  it('never takes an IPv4 address in an IPv6 wrapping for public', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffffffff }), (value) => {
        const [high, low] = [(value >>> 16).toString(16), (value & 0xffff).toString(16)];
        const wrapped = [
          `::ffff:${ipv4(value)}`,
          `::${ipv4(value)}`,
          `64:ff9b::${high}:${low}`,
          `2002:${high}:${low}::`,
        ];
        expect(wrapped.map((each) => classifyAddress(each).kind)).not.toContain('public');
      }),
    );
  });

  it('answers any text at all', () => {
    fc.assert(fc.property(fc.string(), (text) => classifyAddress(text).source.length > 0));
  });
});

describe('parseIp', () => {
  it('reads all spellings of one address as the same', () => {
    expect(parseIp('2001:DB8::1')).toEqual(parseIp('2001:db8:0:0:0:0:0:1'));
    expect(parseIp('::ffff:1.2.3.4')).toEqual(parseIp('::ffff:102:304'));
    expect(parseIp('1::')).toEqual({ version: 6, value: 1n << 112n });
  });

  it('tells IPv4 from its mapped form', () => {
    expect(sameAddress('::1', '0:0:0:0:0:0:0:1')).toBe(true);
    expect(sameAddress('127.0.0.1', '::ffff:127.0.0.1')).toBe(false);
    expect(sameAddress('nothing', 'nothing')).toBe(false);
  });
});
