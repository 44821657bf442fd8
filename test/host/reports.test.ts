import type { ListFilter } from 'cordon';
import { describe, expect, it } from 'vitest';
import { hostCaller, lab } from '../fixtures/guests/guests.js';
import { openHost, plugin, rejection } from './open-host.js';

describe('stats', () => {
  it('count calls, errors and what they cost, by plugin and for the host', async () => {
    const host = await openHost();
    const [p, q] = await host.load([plugin('p', lab), plugin('q', lab)]);
    for (let i = 0; i < 5; i++) await p!.call('echo', 'x');
    await rejection(p!.call('fail'));
    await q!.call('echo', 'x');
    expect(p!.stats).toMatchObject({ calls: 6, errors: 1 });
    expect(q!.stats).toMatchObject({ calls: 1, errors: 0 });
    expect(host.stats()).toMatchObject({ calls: 7, errors: 1, queued: 0, instances: 2 });
    expect(host.stats().cache).toMatchObject({ hits: 1, misses: 1 });
    const { durationMs } = p!.stats;
    expect(durationMs.p50).toBeLessThanOrEqual(durationMs.p95);
    expect(durationMs.p95).toBeLessThanOrEqual(durationMs.p99);
    expect(Object.isFrozen(host.stats())).toBe(true);
  });

  it('keep what plugins did that are gone', async () => {
    const host = await openHost();
    const p = await host.load(plugin('p', lab));
    await p.call('echo');
    await p.unload();
    expect(host.stats()).toMatchObject({ calls: 1 });
  });
});

describe('list', () => {
  it('is all plugins in the order of activation, or those that are asked for', async () => {
    const host = await openHost();
    await host.load([
      plugin('b', lab, { keywords: ['render'] }),
      plugin('a', lab, { keywords: ['render', 'fast'], activation: 'call' }),
      plugin('c', lab),
    ]);
    const names = (filter = {}) => host.list(filter).map(({ name }) => name);
    expect(names()).toHaveLength(3);
    expect(names({ keyword: 'render' }).sort()).toEqual(['a', 'b']);
    expect(names({ state: 'idle' })).toEqual(['a']);
    expect(names({ keyword: 'render', state: 'ready' })).toEqual(['b']);
    expect(names({ keyword: 'none' })).toEqual([]);
  });
});

describe('info', () => {
  it('is all that is known of a plugin, as frozen data', async () => {
    const host = await openHost({
      grants: { p: { env: ['LANG'], http: ['api.example.com'] } },
      limits: { timeoutMs: 2000 },
    });
    await host.load(
      plugin('p', lab, {
        description: 'a lab',
        permissions: { env: ['LANG', 'HOME'], http: ['api.example.com', 'other.example.com'] },
        limits: { memoryBytes: '2MiB', timeoutMs: 5000 },
      }),
    );
    const info = host.info('p');
    expect(info).toMatchObject({
      name: 'p',
      version: '1.0.0',
      state: 'ready',
      manifest: { description: 'a lab' },
      dependencies: {},
      dependents: [],
      instances: 1,
      limits: { memoryBytes: 2 * 1024 * 1024, timeoutMs: 2000 },
      permissions: { env: ['LANG'], hostFunctions: [], plugins: [] },
      integrity: expect.stringMatching(/^sha256-/),
    });
    expect(info.permissions.http.map(({ host: name }) => name)).toEqual(['api.example.com']);
    expect(info.permissions.refused.env.map(({ what }) => what)).toEqual(['HOME']);
    expect(info.permissions.refused.http).toHaveLength(1);
    for (const part of [info, info.manifest, info.permissions, info.limits])
      expect(Object.isFrozen(part)).toBe(true);
  });

  it('of what is not loaded is an error', async () => {
    const host = await openHost();
    expect(() => host.info('p')).toThrow(expect.objectContaining({ code: 'ERR_NOT_FOUND' }));
  });
});

describe('health', () => {
  it('is healthy, quarantined, and stopped with reasons', async () => {
    const host = await openHost();
    await host.load(plugin('p', lab));
    expect(host.health()).toMatchObject({ status: 'healthy', reasons: [] });
    expect(host.health('p')).toMatchObject({ status: 'healthy', reasons: [] });
    host.quarantine('p', 'by hand');
    expect(host.health('p').status).toBe('quarantined');
    expect(host.health().status).not.toBe('healthy');
    expect(host.health().reasons.join()).toContain('p');
    await host.close();
    expect(host.health().status).toBe('stopped');
  });

  it('tells a plugin that mostly fails', async () => {
    const host = await openHost();
    const p = await host.load(plugin('p', lab));
    for (let i = 0; i < 20; i++) await rejection(p.call('fail'));
    expect(['degraded', 'unhealthy']).toContain(host.health('p').status);
    expect(host.health('p').reasons.length).toBeGreaterThan(0);
  });
});

describe('metrics', () => {
  it('are Prometheus text with every plugin in it', async () => {
    const host = await openHost();
    const [p] = await host.load([plugin('@acme/p', lab), plugin('q', lab)]);
    await p!.call('echo');
    await rejection(p!.call('fail'));
    const text = host.metrics();
    expect(text).toMatch(/^# HELP /m);
    expect(text).toMatch(/plugin="@acme\/p"/);
    expect(text).toMatch(/code="ERR_GUEST"/);
    expect(text.endsWith('\n')).toBe(true);
  });
});

describe('a plugin that could not be loaded', () => {
  it('is in the figures of the host', async () => {
    const host = await openHost();
    await rejection(host.load(plugin('p', hostCaller('nobody'), {})));
    expect(host.list()).toEqual([]);
    expect(host.stats().instances).toBe(0);
  });
});

describe('onPermissionRequest', () => {
  const asked = {
    permissions: {
      http: ['api.example.com', { host: '*.example.org', ports: [443], methods: ['GET'], reason: 'themes' }],
      fs: { read: { '/data': './data' } },
      env: ['LANG', 'HOME'],
      plugins: ['other'],
    },
  };

  it('may answer with what was asked for, as it was given', async () => {
    const host = await openHost({ onPermissionRequest: async ({ permissions }) => permissions });
    await host.load(plugin('p', lab, asked));
    const { permissions } = host.info('p');
    expect(permissions.refused).toEqual({ http: [], fs: [], env: [], hostFunctions: [], plugins: [] });
    expect(permissions.http.map(({ host: name }) => name)).toEqual(['api.example.com', '*.example.org']);
  });

  it('may answer with a part of it', async () => {
    const host = await openHost({ onPermissionRequest: async () => ({ env: ['LANG'] }) });
    await host.load(plugin('p', lab, asked));
    expect(host.info('p').permissions).toMatchObject({ env: ['LANG'], http: [], plugins: [] });
  });

  it('is not asked for what the grants cover', async () => {
    let requests = 0;
    const host = await openHost({
      grants: { '*': { env: ['LANG'] } },
      onPermissionRequest: async () => {
        requests++;
        return 'deny';
      },
    });
    await host.load(plugin('p', lab, { permissions: { env: ['LANG'] } }));
    expect(requests).toBe(0);
  });

  it.each([
    ['throws', () => Promise.reject(new Error('the dialog was closed'))],
    ['answers something else', async () => 'yes' as never],
    ['never said anything of use', async () => undefined as never],
  ])('that %s fails the load, with a coded error', async (_, onPermissionRequest) => {
    const host = await openHost({ onPermissionRequest });
    await rejection(host.load(plugin('p', lab, asked)));
    expect(host.list()).toEqual([]);
  });
});

describe('a list', () => {
  it('is of all, or of those with a keyword or in a state', async () => {
    const host = await openHost();
    await host.load([plugin('p', lab, { keywords: ['render'] }), plugin('q', lab, { activation: 'call' })]);
    const names = (filter?: ListFilter) => host.list(filter).map(({ name }) => name);
    expect([names(), names({}), names({ keyword: 'render' })]).toEqual([['p', 'q'], ['p', 'q'], ['p']]);
    expect([names({ state: 'idle' }), names({ state: 'idle', keyword: 'render' })]).toEqual([['q'], []]);
  });

  it.each([
    [{ keywords: 'render' }, 'keywords: found an unknown key, expected "keyword"'],
    [{ state: 'redy' }, 'state: found "redy", expected a state'],
    [{ keyword: 5 }, 'keyword: found 5'],
    [null, 'the whole: found null'],
  ])('by %o is refused', async (filter, part) => {
    const host = await openHost();
    expect(() => host.list(filter as never)).toThrow(
      expect.objectContaining({ code: 'ERR_OPTIONS', message: expect.stringContaining(part) }),
    );
  });
});
