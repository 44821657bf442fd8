import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type HttpRule, NO_PERMISSIONS } from '../../src/manifest/permissions.js';
import { checkAddress, checkUrl, MAX_URL_CHARACTERS } from '../../src/policy/egress.js';
import { grantPermissions } from '../../src/policy/grants.js';
import { redactUrl } from '../../src/policy/redact-url.js';

const rules = (asked: readonly HttpRule[], granted: readonly HttpRule[] = asked) =>
  grantPermissions({
    plugin: 'acme',
    asked: { ...NO_PERMISSIONS, http: asked },
    granted: { ...NO_PERMISSIONS, http: granted },
  }).http;
const good = rules([{ host: 'good.example' }]);
const any = rules([{ host: '*' }]);
const local = rules(
  [{ host: '*' }],
  [{ host: '*' }, { host: '127.0.0.1' }, { host: '::1' }, { host: 'localhost' }],
);

describe('checkUrl', () => {
  // `hostname` is what a URL is sent to; a refusal has its reason instead.
  it.each([
    ['https://good.example/', 'good.example'],
    ['HTTPS://GOOD.EXAMPLE:443/x', 'good.example'],
    ['http:good.example', 'good.example'],
    ['http:/good.example', 'good.example'],
    ['http:////good.example', 'good.example'],
    ['http://good%2Eexample/', 'good.example'],
    ['http://g%6fod.example/', 'good.example'],
    ['http://ｇｏｏｄ.example/', 'good.example'],
    ['http://good。example/', 'good.example'],
    ['http://go\u00adod.example/', 'good.example'],
    ['http://good.example/@evil.example', 'good.example'],
    ['http://good.example?@evil.example', 'good.example'],
    ['http://good.example#@evil.example', 'good.example'],
    ['http://good.example/..//evil.example', 'good.example'],
    ['http://good.example./', 'refused: host'],
    ['http://.good.example/', 'refused: host'],
    ['http://good.example..', 'refused: host'],
    ['http://evil.example#good.example', 'refused: manifest'],
    ['http://evil.example?good.example', 'refused: manifest'],
    ['http://good.example.evil.example', 'refused: manifest'],
    ['http://evilgood.example', 'refused: manifest'],
    ['http://user@good.example', 'refused: userinfo'],
    ['http://good.example@evil.example', 'refused: userinfo'],
    ['http://good.example:80@evil.example', 'refused: userinfo'],
    ['http://@good.example', 'refused: userinfo'],
    ['http://:@good.example', 'refused: userinfo'],
    ['http:@good.example', 'refused: userinfo'],
    ['http:/\\@good.example', 'refused: userinfo'],
    ['http://good.example\\@evil.example', 'refused: url'],
    ['http:\\\\good.example', 'refused: url'],
    ['http://evil.example\\.good.example', 'refused: url'],
    ['http://good.example%00.evil.example', 'refused: invalid'],
    ['http://good.example%2f.evil.example', 'refused: invalid'],
    ['http://good.example%40evil.example', 'refused: invalid'],
    ['http://good.exa\tmple', 'refused: url'],
    ['http://good.example\n.evil.example', 'refused: url'],
    ['http://good.example /', 'refused: invalid'],
    ['http://good.example:0/', 'refused: url'],
    ['http://good.example:65536/', 'refused: invalid'],
    ['http://good.example:80:80/', 'refused: invalid'],
    ['http://[fe80::1%25eth0]/', 'refused: invalid'],
    ['http://[fe80::1%eth0]/', 'refused: invalid'],
    ['http://[::1', 'refused: invalid'],
    ['//good.example', 'refused: invalid'],
    ['good.example', 'refused: invalid'],
    ['/path', 'refused: invalid'],
    ['', 'refused: invalid'],
    ['data:text/plain,x', 'refused: scheme'],
    ['file:///etc/passwd', 'refused: scheme'],
    ['javascript:1', 'refused: scheme'],
    ['ftp://good.example', 'refused: scheme'],
    ['ws://good.example', 'refused: scheme'],
    ['blob:https://good.example/x', 'refused: scheme'],
    [`http://good.example/${'a'.repeat(MAX_URL_CHARACTERS)}`, 'refused: url'],
    [`http://good.example/${'ü'.repeat(MAX_URL_CHARACTERS / 4)}`, 'refused: url'],
    [`http://${'a.'.repeat(150)}good.example/`, 'refused: host'],
  ])('%j under a rule for good.example: %s', (text, expected) => {
    const decision = checkUrl(text, 'GET', good);
    expect(decision.allowed ? decision.url.hostname : `refused: ${decision.reason}`).toBe(expected);
  });

  it.each([
    'http://127.0.0.1',
    'http://127.1',
    'http://2130706433',
    'http://0x7f000001',
    'http://0x7f.0.0.1',
    'http://0177.0.0.1',
    'http://017700000001',
    'http://127.0.0.1.',
    'http://%31%32%37.0.0.1',
    'http://①②⑦.0.0.1',
    'http://127。0。0。1',
    'http://[::1]',
    'http://[0:0:0:0:0:0:0:1]',
    'http://LOCALHOST',
    'http://loc%61lhost',
  ])('%s is one of the local hosts, refused under * and allowed where a grant names it', (text) => {
    expect(checkUrl(text, 'GET', any)).toMatchObject({ allowed: false, reason: 'address', side: 'host' });
    expect(checkUrl(text, 'GET', local)).toMatchObject({ allowed: true, rule: { literal: true } });
  });

  it.each([
    'http://0.0.0.0',
    'http://0',
    'http://10.0.0.1',
    'http://169.254.169.254/latest/meta-data',
    'http://192.168.1.1',
    'http://127.0.0.2',
    'http://[::]',
    'http://[::ffff:127.0.0.1]',
    'http://[::ffff:7f00:1]',
    'http://[::127.0.0.1]',
    'http://[64:ff9b::7f00:1]',
    'http://[64:ff9b:1::a00:1]',
    'http://[2002:7f00:1::]',
    'http://[fd00::1]',
    'http://[fe80::1]',
    'http://[ff02::1]',
    'http://255.255.255.255',
    'http://224.0.0.1',
  ])('%s is refused although grants name * and some other addresses', (text) => {
    expect(checkUrl(text, 'GET', local)).toMatchObject({ allowed: false, reason: 'address' });
  });

  it('allows a special address where a grant names that literal, and only for what the rule says', () => {
    const named = rules([{ host: '*' }], [{ host: '[::ffff:127.0.0.1]', ports: [8080], methods: ['GET'] }]);
    expect(checkUrl('http://[::ffff:127.0.0.1]:8080/', 'GET', named).allowed).toBe(true);
    expect(checkUrl('http://127.0.0.1:8080/', 'GET', named).allowed).toBe(false);
    expect(checkUrl('http://[::ffff:127.0.0.1]:8081/', 'GET', named).allowed).toBe(false);
    expect(checkUrl('http://[::ffff:127.0.0.1]:8080/', 'POST', named).allowed).toBe(false);
  });

  it('says which side refused, and what to add', () => {
    const narrow = rules([{ host: 'a.example' }], [{ host: 'a.example', methods: ['GET'] }]);
    expect(checkUrl('https://b.example/x?token=1', 'GET', narrow)).toMatchObject({
      side: 'manifest',
      message: 'the manifest of acme does not list https://b.example, port 443, GET in permissions.http',
      shown: 'https://b.example/x?…',
    });
    expect(checkUrl('https://a.example/', 'POST', narrow)).toMatchObject({
      side: 'host',
      reason: 'grant',
      message: "the host's grants for acme do not include https://a.example, port 443, POST in http",
    });
  });

  it.each([
    ['get', 'GET'],
    ['PURGE', 'PURGE'],
    ['CONNECT', undefined],
    ['trace', undefined],
    ['TRACK', undefined],
    ['GET /x HTTP/1.1\r\nX: y', undefined],
    ['', undefined],
    ['po\u017ft', undefined],
    ['A'.repeat(33), undefined],
  ])('takes the method %j as %s', (method, taken) => {
    const decision = checkUrl('http://good.example', method, good);
    expect(decision.allowed ? decision.method : undefined).toBe(taken);
  });

  it('never allows another host than the rule has, whatever the text', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        'http',
        ':',
        '/',
        '//',
        '\\',
        '@',
        '.',
        '#',
        '?',
        '%',
        '[',
        ']',
        'good.example',
        'evil.example',
      ),
      fc.constantFrom('\t', '\n', ' ', '%00', '%2e', '127.0.0.1', '::1', '.', '\u00ad', '\uff0e', '80'),
      fc.string({ maxLength: 3 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 10 }), (pieces) => {
        const decision = checkUrl(`http://${pieces.join('')}`, 'GET', good);
        if (decision.allowed) {
          expect([decision.host, decision.url.hostname]).toEqual(['good.example', 'good.example']);
          expect(decision.url.username + decision.url.password).toBe('');
        }
      }),
      { numRuns: 3_000 },
    );
  });
});

describe('checkAddress', () => {
  const named = { literal: true };
  const star = { literal: false };

  it('lets a name reach public addresses only, whatever its rule', () => {
    expect(checkAddress('a.example', '8.8.8.8', star)).toBeUndefined();
    for (const rule of [star, named]) {
      expect(checkAddress('a.example', '10.0.0.1', rule)?.range.kind).toBe('private');
      expect(checkAddress('a.example', '::ffff:8.8.8.8', rule)?.range.kind).toBe('ipv4-mapped');
    }
  });

  it('lets a literal reach itself, and nothing else that is not public', () => {
    expect(checkAddress('10.0.0.1', '10.0.0.1', named)).toBeUndefined();
    expect(checkAddress('10.0.0.1', '10.0.0.2', named)).toBeDefined();
    expect(checkAddress('10.0.0.1', '10.0.0.1', star)).toBeDefined();
  });

  it('lets localhost reach loopback only', () => {
    expect(checkAddress('localhost', '::1', named)).toBeUndefined();
    expect(checkAddress('localhost', '127.0.0.1', star)).toBeDefined();
    expect(checkAddress('localhost', '10.0.0.1', named)).toBeDefined();
    expect(checkAddress('localhost', '8.8.8.8', named)).toBeDefined();
  });
});

describe('redactUrl', () => {
  it.each([
    ['https://a.example/p?token=secret#frag', 'https://a.example/p?…'],
    ['https://user:secret@a.example/', 'https://a.example/'],
    ['https://u:sec@ret@a.example/', 'https://a.example/'],
    ['http:user:secret@a.example', 'http:a.example'],
    ['ht\ttp://u:secret@a.example', 'http://a.example'],
    ['http:\\\\u:secret@a.example', 'http:\\\\a.example'],
    ['http://a.example/\u001b[31m\u202e', 'http://a.example/\ufffd[31m\ufffd'],
    ['not a url', 'not a url'],
  ])('shows %j as %j', (text, shown) => {
    expect(redactUrl(text)).toBe(shown);
  });

  it('is short, whatever is given', () => {
    expect(redactUrl(`http://a/${'b'.repeat(1e6)}`).length).toBeLessThan(510);
  });
});
