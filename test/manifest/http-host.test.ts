import { isIP } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { normalizeHost } from '../../src/manifest/http-host.js';

test.each([
  ['example.com', 'example.com'],
  ['API.GitHub.com', 'api.github.com'],
  ['localhost', 'localhost'],
  ['a_b.example', 'a_b.example'],
  ['xn--bcher-kva.example', 'xn--bcher-kva.example'],
  ['BÜCHER.example', 'xn--bcher-kva.example'],
  ['例え.テスト', 'xn--r8jz45g.xn--zckzah'],
  ['example。com', 'example.com'],
  ['*', '*'],
  ['*.Example.com', '*.example.com'],
  ['*.bücher.example', '*.xn--bcher-kva.example'],
  ['127.0.0.1', '127.0.0.1'],
  ['::1', '::1'],
  ['[::1]', '::1'],
  ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
  ['::ffff:10.0.0.1', '::ffff:a00:1'],
  ['3com.example', '3com.example'],
  ['1.2.3.4.example', '1.2.3.4.example'],
])('%s is the host %s', (host, normal) => {
  expect(normalizeHost(host)).toBe(normal);
});

test.each([
  '',
  '.',
  'example.com.',
  'example.com。',
  '.example.com',
  'a..example',
  '-a.example',
  'a-.example',
  'example.com:443',
  'user@example.com',
  'example.com/path',
  'example.com\\path',
  'example.com?q',
  'example.com#f',
  'exam%70le.com',
  'exa mple.com',
  'example.com\n',
  'example.com\r\nHost: evil.example',
  'example\u0000.com',
  'example.com\u2028',
  'xn--a',
  '0x7f.1',
  '127.1',
  '2130706433',
  '0x7f000001',
  '017700000001',
  '010.0.0.1',
  '1.2.3.4.',
  '256.1.1.1',
  '1.2.3.4.5',
  '0',
  '１２７.0.0.1',
  '１２７.０.０.１',
  '①.2.3.4',
  'example.0x1f',
  'example.123',
  'fe80::1%eth0',
  '[fe80::1%25eth0]',
  '[::1',
  '::1]',
  '[[::1]]',
  '[127.0.0.1]',
  ':::1',
  '*.',
  '**',
  '*a.example',
  'api.*.com',
  '*.*.example',
  '*.127.0.0.1',
  '*.::1',
  '*.[::1]',
  `${'a'.repeat(64)}.example`,
  `${'a.'.repeat(130)}example`,
  'a'.repeat(100_000),
])('%j is no host', (host) => {
  expect(normalizeHost(host)).toBeUndefined();
});

const hostLike = fc.oneof(
  fc.domain(),
  fc.ipV4Extended(),
  fc.ipV6(),
  fc.webAuthority(),
  fc.string({ unit: 'grapheme', maxLength: 20 }),
  fc.stringMatching(/^[0-9a-fx.:*[\]]{0,20}$/),
);

test('what is a host is the host of its URL, so that a rule and a request cannot see two hosts', () => {
  fc.assert(
    fc.property(hostLike, (host) => {
      const normal = normalizeHost(host);
      if (normal === undefined || normal.startsWith('*')) return;
      const bracketed = isIP(normal) === 6 ? `[${normal}]` : normal;
      expect(new URL(`https://${bracketed}/`).hostname).toBe(bracketed);
      expect(new URL(`https://${isIP(host) === 6 ? `[${host}]` : host}/`).hostname).toBe(bracketed);
    }),
    { numRuns: 1000 },
  );
});

test('the normal form is its own normal form', () => {
  fc.assert(
    fc.property(hostLike, (host) => {
      const normal = normalizeHost(host);
      if (normal !== undefined) expect(normalizeHost(normal)).toBe(normal);
    }),
    { numRuns: 1000 },
  );
});
