import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePermissions } from '../../src/manifest/parse-permissions.js';
import { NO_PERMISSIONS, type Permissions } from '../../src/manifest/permissions.js';
import { letThrough } from '../../src/policy/audit-egress.js';
import { AuditTrail } from '../../src/policy/audit-trail.js';
import { checkUrl, type EgressRefused } from '../../src/policy/egress.js';
import { grantPermissions } from '../../src/policy/grants.js';
import { type EgressTarget, ruleCovers } from '../../src/policy/http-rule.js';

const get = (host: string, port = 443, method = 'GET', scheme: 'http' | 'https' = 'https'): EgressTarget => ({
  scheme,
  host,
  port,
  method,
});

describe('an audit trail', () => {
  it('of nothing asks for nothing', () => {
    expect(new AuditTrail().permissions()).toEqual({});
  });

  it('names what was used, in order, and nothing twice', () => {
    const trail = new AuditTrail();
    for (const target of [
      get('b.example'),
      get('a.example', 8443),
      get('a.example'),
      get('b.example', 443, 'POST'),
    ]) {
      trail.request(target);
      trail.request(target);
    }
    trail.mount('/data', 'read', './data');
    trail.mount('/cache', 'read', { path: './cache', quotaBytes: 5 });
    trail.mount('/cache', 'write', { path: './cache', quotaBytes: 5 });
    trail.mount('/only-read', 'read', { path: './r', quotaBytes: 5 });
    trail.env(['LANG', 'HOME']);
    trail.hostFunction('kv_write', true);
    trail.hostFunction('kv_read', false);
    trail.plugin('other');
    const permissions = trail.permissions();
    expect(permissions).toEqual({
      http: [
        { host: 'a.example', schemes: ['https'], ports: [443, 8443], methods: ['GET'] },
        { host: 'b.example', schemes: ['https'], ports: [443], methods: ['GET', 'POST'] },
      ],
      fs: {
        read: { '/data': './data', '/only-read': './r' },
        write: { '/cache': { path: './cache', quotaBytes: 5 } },
      },
      env: ['HOME', 'LANG'],
      hostFunctions: ['kv_read', { name: 'kv_write', optional: true }],
      plugins: ['other'],
    });
    expect(() => parsePermissions(JSON.parse(JSON.stringify(permissions)))).not.toThrow();
  });

  it('does not widen one scheme by the ports or methods of another', () => {
    const trail = new AuditTrail();
    trail.request(get('a.example', 443));
    trail.request(get('a.example', 80, 'GET', 'http'));
    trail.request(get('a.example', 8443, 'DELETE'));
    expect(trail.permissions().http).toEqual([
      { host: 'a.example', schemes: ['http'], ports: [80], methods: ['GET'] },
      { host: 'a.example', schemes: ['https'], ports: [443], methods: ['GET'] },
      { host: 'a.example', schemes: ['https'], ports: [8443], methods: ['DELETE'] },
    ]);
  });

  it('allows exactly what was used, in whatever order, and is permissions of a manifest', () => {
    const target = fc.record({
      scheme: fc.constantFrom<'http' | 'https'>('http', 'https'),
      host: fc.constantFrom('a.example', 'b.example', '127.0.0.1', 'localhost'),
      port: fc.constantFrom(80, 443, 8443),
      method: fc.constantFrom('GET', 'POST', 'PUT'),
    });
    fc.assert(
      fc.property(fc.array(target, { maxLength: 30 }), fc.array(target, { maxLength: 5 }), (used, others) => {
        const [trail, reversed] = [new AuditTrail(), new AuditTrail()];
        for (const one of used) trail.request(one);
        for (const one of [...used].reverse()) reversed.request(one);
        expect(reversed.permissions()).toEqual(trail.permissions());
        const { http } = parsePermissions(JSON.parse(JSON.stringify(trail.permissions())));
        const same = (a: EgressTarget, b: EgressTarget) => JSON.stringify(a) === JSON.stringify(b);
        for (const one of [...used, ...others]) {
          const { scheme, host, port, method } = one;
          const covered = http.some((rule) => ruleCovers(rule, { scheme, host, port, method }));
          expect(covered).toBe(used.some((other) => same(other, one)));
        }
      }),
    );
  });

  it('of a flood of hosts stays small, and is permissions of a manifest that cover them', () => {
    const trail = new AuditTrail();
    for (let n = 0; n < 20_000; n++)
      trail.request(get(`h${n}.example`, 1 + (n % 5000), n % 2 ? 'GET' : 'POST'));
    for (let n = 0; n < 300; n++) trail.request(get(`10.0.${n >> 8}.${n & 255}`, 80, 'GET', 'http'));
    const { http } = parsePermissions(JSON.parse(JSON.stringify(trail.permissions())));
    expect(http.length).toBeLessThanOrEqual(100);
    expect(http[0]).toEqual({ host: '*', schemes: ['https'], methods: ['GET', 'POST'] });
  });
});

describe('what audit mode lets through', () => {
  const decide = (url: string, asked: Permissions['http'] = [], method = 'GET') => {
    const { http } = grantPermissions({
      plugin: 'p',
      asked: { ...NO_PERMISSIONS, http: asked },
      granted: NO_PERMISSIONS,
    });
    const decision = checkUrl(url, method, http);
    expect(decision.allowed).toBe(false);
    return letThrough(decision as EgressRefused, http);
  };

  it.each(['https://api.example', 'http://93.184.215.14:8080/x'])('is %s, asked for or not', (url) => {
    expect(decide(url)).toMatchObject({ allowed: true });
  });

  it.each([
    'http://127.0.0.1:3000',
    'http://localhost',
    'http://10.1.2.3',
    'http://192.168.0.1',
    'http://[fd00::1]',
  ])('is %s where the manifest names it, and not otherwise', (url) => {
    const host = new URL(url).hostname.replace(/^\[|\]$/g, '');
    expect(decide(url, [{ host }])).toMatchObject({ allowed: true, rule: { literal: true } });
    expect(decide(url, [{ host: '*' }])).toBeUndefined();
    expect(decide(url, [{ host, methods: ['POST'] }])).toBeUndefined();
    expect(decide(url)).toBeUndefined();
  });

  it.each([
    'http://169.254.169.254/latest/meta-data',
    'http://[fe80::1]',
    'http://168.63.129.16',
    'http://100.100.100.200',
    'http://0.0.0.0',
    'http://[::ffff:169.254.169.254]',
    'http://224.0.0.1',
  ])('is never %s, though the manifest names it', (url) => {
    expect(decide(url, [{ host: new URL(url).hostname.replace(/^\[|\]$/g, '') }])).toBeUndefined();
  });

  it.each(['file:///etc/passwd', 'http://user@api.example', 'http://a\\b.example'])('is never %s', (url) => {
    expect(decide(url)).toBeUndefined();
  });
});
