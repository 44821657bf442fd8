import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evidence } from '../../src/violations/evidence.js';

function isDeeplyFrozen(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return Object.isFrozen(value) && Object.values(value).every(isDeeplyFrozen);
}

describe('evidence', () => {
  it('keeps plain facts as they are', () => {
    const detail = {
      limit: 100,
      observed: 250,
      host: 'example.com',
      ports: [80, 443],
      redirected: true,
      at: null,
    };
    expect(evidence(detail)).toEqual(detail);
  });

  it('is a copy: what the caller changes later does not change it', () => {
    const ports = [80];
    const kept = evidence({ ports });
    ports.push(443);
    expect(kept).toEqual({ ports: [80] });
  });

  it('cuts long strings, escapes control characters and counts what is left out', () => {
    const kept = evidence({
      long: 'x'.repeat(100_000),
      escape: 'a\u001b[31mb\r\n',
      list: Array.from({ length: 1000 }, (_, i) => i),
    });
    expect(kept.long).toBe(`${'x'.repeat(512)}… [99488 more characters]`);
    expect(kept.escape).toBe('a\\x1b[31mb\\r\\n');
    expect(kept.list).toHaveLength(33);
    expect((kept.list as unknown[])[32]).toBe('[968 more]');
  });

  it('describes what JSON cannot hold', () => {
    const kept = evidence({
      bytes: new Uint8Array(5),
      big: 10n ** 20n,
      infinite: Number.POSITIVE_INFINITY,
      error: new TypeError('no\nline'),
      fn: () => {},
      absent: undefined,
      url: new URL('https://example.com/a'),
    });
    expect(kept).toEqual({
      bytes: '[5 bytes]',
      big: '100000000000000000000',
      infinite: 'Infinity',
      error: 'TypeError: no\\nline',
      fn: '[function]',
      url: 'https://example.com/a',
    });
  });

  it('survives circles, getters that throw, revoked proxies and a key named __proto__', () => {
    const circle: Record<string, unknown> = { n: 1 };
    circle.self = circle;
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    const kept = evidence({
      circle,
      proxy,
      ...JSON.parse('{"__proto__": {"polluted": true}}'),
      get bad(): string {
        throw new Error('no');
      },
    });
    expect(JSON.stringify(kept)).toBeDefined();
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    expect(kept).toMatchObject({ proxy: '[unreadable]', bad: '[unreadable]', circle: { n: 1 } });
    expect(Object.keys(kept)).toContain('__proto__');
  });

  it('has no numbers that JSON has not', () => {
    expect(evidence({ n: -0, i: Number.POSITIVE_INFINITY, x: Number.NaN })).toEqual({
      n: 0,
      i: 'Infinity',
      x: 'NaN',
    });
  });

  it('makes bounded, frozen JSON of whatever it is given', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.anything({ withBigInt: true, maxDepth: 6 })), (detail) => {
        const kept = evidence(detail);
        expect(isDeeplyFrozen(kept)).toBe(true);
        expect(JSON.parse(JSON.stringify(kept))).toEqual(kept);
      }),
    );
  });

  it('stays under 600 KiB as JSON for the worst that there is', () => {
    const wide = (depth: number): unknown =>
      depth === 0
        ? '\u0001'.repeat(10_000)
        : Object.fromEntries(
            Array.from({ length: 50 }, (_, i) => [`${i}${'\u0001'.repeat(500)}`, wide(depth - 1)]),
          );
    expect(JSON.stringify(evidence({ wide: wide(2) })).length).toBeLessThan(600 * 1024);
  });
});
