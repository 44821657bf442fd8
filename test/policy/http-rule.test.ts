import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HttpRule } from '../../src/manifest/permissions.js';
import { canonicalHost, patternCoversHost } from '../../src/policy/host-pattern.js';
import { canonicalRule, type EgressTarget, intersectRules, ruleCovers } from '../../src/policy/http-rule.js';

// A small world, so that rules and targets meet often.
const LABELS = ['a', 'b'];
const ADDRESSES = ['127.0.0.1', '10.0.0.1', '8.8.8.8', '::1', '2606:4700::1111', '1.1.1.1'];
const PORTS = [80, 443];
const METHODS = ['GET', 'POST'];
const SCHEMES = ['http', 'https'] as const;

const name = fc
  .array(fc.constantFrom(...LABELS), { minLength: 0, maxLength: 2 })
  .map((labels) => [...labels, 'com'].join('.'));
const host = fc.oneof(name, fc.constantFrom(...ADDRESSES, 'localhost'));
const pattern = fc.oneof(
  host,
  fc.constant('*'),
  name.map((domain) => `*.${domain}`),
  fc.constantFrom('*.com', '*.1', '*.0.0.1'),
);
const some = <T>(items: readonly T[]) => fc.option(fc.subarray([...items]), { nil: undefined, freq: 2 });
const rule: fc.Arbitrary<HttpRule> = fc
  .record({ host: pattern, schemes: some(SCHEMES), ports: some(PORTS), methods: some(METHODS) })
  .map(({ host, schemes, ports, methods }) =>
    canonicalRule({
      host,
      ...(schemes && { schemes }),
      ...(ports && { ports }),
      ...(methods && { methods }),
    }),
  );
const target: fc.Arbitrary<EgressTarget> = fc.record({
  scheme: fc.constantFrom(...SCHEMES),
  host,
  port: fc.constantFrom(...PORTS, 9999),
  method: fc.constantFrom(...METHODS, 'DELETE'),
});

describe('intersectRules', () => {
  it('covers exactly what both rules cover', () => {
    fc.assert(
      fc.property(rule, rule, target, (a, b, to) => {
        const both = intersectRules(a, b);
        expect(both !== undefined && ruleCovers(both, to)).toBe(ruleCovers(a, to) && ruleCovers(b, to));
      }),
      { numRuns: 5_000 },
    );
  });

  it('is the same in both directions, but for whose literal it is', () => {
    fc.assert(
      fc.property(rule, rule, (a, b) => {
        const strip = (each: ReturnType<typeof intersectRules>) =>
          each && {
            ...each,
            literal: undefined,
            schemes: each.schemes?.toString(),
            ports: each.ports?.toString(),
            methods: each.methods?.toString(),
          };
        expect(strip(intersectRules(a, b))).toEqual(strip(intersectRules(b, a)));
      }),
    );
  });

  it('meets a target often enough for the law to mean something', () => {
    const samples = fc.sample(fc.tuple(rule, rule, target), { numRuns: 2_000, seed: 1 });
    const hits = samples.filter(([a, b, to]) => ruleCovers(a, to) && ruleCovers(b, to));
    expect(hits.length).toBeGreaterThan(20);
  });

  it('is literal only where the granted side names the address or localhost', () => {
    const literal = (asked: string, granted: string) =>
      intersectRules({ host: asked }, { host: granted })?.literal;
    expect(literal('127.0.0.1', '127.0.0.1')).toBe(true);
    expect(literal('*', '127.0.0.1')).toBe(true);
    expect(literal('*', 'localhost')).toBe(true);
    expect(literal('127.0.0.1', '*')).toBe(false);
    expect(literal('localhost', '*')).toBe(false);
    expect(literal('db.example.com', 'db.example.com')).toBe(false);
  });
});

describe('host patterns', () => {
  it.each([
    ['*.example.com', 'a.example.com', true],
    ['*.example.com', 'a.b.example.com', true],
    ['*.example.com', 'example.com', false],
    ['*.example.com', 'badexample.com', false],
    ['*.example.com', '.example.com', false],
    ['example.com', 'a.example.com', false],
    ['*.0.0.1', '127.0.0.1', false],
    ['*', '127.0.0.1', true],
    ['127.0.0.1', '::ffff:7f00:1', false],
  ])('%s against %s is %s', (pattern, host, covered) => {
    expect(patternCoversHost(pattern, host)).toBe(covered);
  });

  it.each([
    ['API.Example.COM', 'api.example.com'],
    ['*.Bücher.example', '*.xn--bcher-kva.example'],
    ['[::1]', '::1'],
    ['0:0:0:0:0:0:0:1', '::1'],
    ['::ffff:127.0.0.1', '::ffff:7f00:1'],
    ['0x7f.1', '127.0.0.1'],
    ['2130706433', '127.0.0.1'],
  ])('%s is written %s', (pattern, canonical) => {
    expect(canonicalHost(pattern)).toBe(canonical);
  });

  it.each(['a.com@b.com', 'a.com/b', 'a.com:80', 'a b', 'a%2ecom', 'x.*.com', '[::1', 'fe80::1%eth0', ''])(
    'a rule with the host %j never covers the host of a URL by accident',
    (text) => {
      const hosts = ['a.com', 'b.com', 'a', 'x.y.com', '::1', 'fe80::1'];
      expect(hosts.filter((host) => patternCoversHost(canonicalHost(text), host))).toEqual([]);
    },
  );
});
