import { join } from 'node:path';
import type { HostOptions, PermissionHandler, PermissionRequest } from 'cordon';
import { describe, expect, it } from 'vitest';
import { lab } from '../fixtures/guests/guests.js';
import { openHost, plugin, rejection } from './open-host.js';
import { temporaryFolder } from './plugin-folder.js';

const V1 = plugin('p', lab, {
  permissions: { http: [{ host: '*.example', methods: ['GET'], reason: 'fetches themes' }], env: ['LANG'] },
});
const V2 = plugin('p', lab, {
  version: '2.0.0',
  permissions: {
    http: [
      { host: 'a.example', methods: ['GET'], reason: 'fetches one theme' },
      { host: 'b.test', reason: 'sends statistics' },
    ],
    fs: { write: { '/cache': { path: './cache', quotaBytes: 10 } } },
    hostFunctions: [{ name: 'kv_read', optional: true, reason: 'keeps settings' }],
  },
});

/** A host whose handler notes what it is asked and answers this. */
async function asked(answer: unknown, options: HostOptions = {}) {
  const requests: PermissionRequest[] = [];
  const handler = async (request: PermissionRequest) => {
    requests.push(request);
    return answer;
  };
  const host = await openHost({ ...options, onPermissionRequest: handler as PermissionHandler });
  return { host, requests };
}

describe('a request for permissions', () => {
  it('of a new plugin says what it asks for, all of it new', async () => {
    const { host, requests } = await asked('deny');
    await host.load(V1);
    const [request] = requests;
    expect(request).toMatchObject({ plugin: 'p', version: '1.0.0', added: request!.permissions });
    expect(request!.previous).toBeUndefined();
    expect(request!.removed).toMatchObject({ http: [], env: [] });
    expect(request!.summary).toBe(
      [
        'p@1.0.0 asks for:',
        '  + HTTP to *.example, GET: "fetches themes"',
        '  + environment variable LANG',
      ].join('\n'),
    );
  });

  it('at a reload says what is new, what is not, and what is gone', async () => {
    const { host, requests } = await asked('deny', { catalog: [V1, V2] });
    await host.load('p@1');
    await host.reload('p', { to: '2' });
    const request = requests[1]!;
    expect(request.previous).toMatchObject({ version: '1.0.0', permissions: { env: ['LANG'] } });
    expect(request.added.http).toEqual([{ host: 'b.test', reason: 'sends statistics' }]);
    expect(request.removed).toMatchObject({ env: ['LANG'] });
    expect(request.summary).toBe(
      [
        'p@2.0.0 asks for more than 1.0.0 did:',
        '  + HTTP to b.test: "sends statistics"',
        '  + write files in /cache (./cache, at most 10 bytes)',
        '  + host function kv_read, optional: "keeps settings"',
        '    HTTP to a.example, GET: "fetches one theme"',
        '  - HTTP to *.example, GET: "fetches themes"',
        '  - environment variable LANG',
      ].join('\n'),
    );
  });

  it('of a later host is compared with what the lockfile has', async () => {
    const lockfile = join(temporaryFolder(), 'plugins.lock.json');
    const first = await asked('grant', { lockfile, catalog: [V1] });
    await first.host.load('p');
    await first.host.close();
    const same = await asked('deny', { lockfile, catalog: [V1] });
    await same.host.load('p');
    expect(same.requests).toEqual([]);
    await same.host.close();
    const second = await asked('deny', { lockfile, catalog: [V2] });
    await second.host.load('p@2');
    expect(second.requests).toMatchObject([{ version: '2.0.0', previous: { version: '1.0.0' } }]);
    expect(second.requests[0]!.summary).toContain('asks for more than 1.0.0 did');
    expect(second.host.info('p').permissions.http).toEqual([]);
  });

  it('is frozen, and text of the author cannot forge a line or colour the terminal', async () => {
    const { host, requests } = await asked('deny');
    const path = `./x${'y'.repeat(900)}`;
    const fs = Object.fromEntries(Array.from({ length: 30 }, (_, n) => [`/mount${n}`, path]));
    const env = Array.from({ length: 60 }, (_, n) => `V${n}`);
    await host.load(plugin('p', lab, { permissions: { fs: { read: fs }, env } }));
    const { summary } = requests[0]!;
    expect(summary.split('\n')).toHaveLength(42);
    expect(summary).toContain('and 50 more');
    expect(summary.length).toBeLessThan(20_000);
    expect(Object.isFrozen(requests[0]) && Object.isFrozen(requests[0]!.added.env)).toBe(true);
  });
});

describe('a handler of permissions', () => {
  it('that grants more than was asked for gives no more than that', async () => {
    const { host } = await asked({ http: ['*'], env: ['LANG', 'HOME'], plugins: ['q'] });
    await host.load(V1);
    expect(host.info('p').permissions).toMatchObject({
      http: [{ host: '*.example', methods: ['GET'] }],
      env: ['LANG'],
      plugins: [],
    });
  });

  it.each([
    [undefined],
    [null],
    [true],
    ['GRANT'],
    ['yes'],
    [{ everything: true }],
    [{ http: 'all' }],
    [[]],
    [() => 1],
  ])('that answers %s grants nothing: the load ends with ERR_OPTIONS', async (answer) => {
    const { host } = await asked(answer);
    expect((await rejection(host.load(V1))).code).toBe('ERR_OPTIONS');
    expect(host.list()).toEqual([]);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('no dialog');
      },
    ],
    ['rejects', () => Promise.reject(new Error('no dialog'))],
  ])(
    'that %s ends the load with ERR_OPTIONS and its error as the cause, and is asked again',
    async (_, fail) => {
      let calls = 0;
      const handler = ((request: PermissionRequest) => {
        calls++;
        return calls === 1 ? fail() : Promise.resolve(request.plugin === 'p' ? 'grant' : 'deny');
      }) as PermissionHandler;
      const host = await openHost({ onPermissionRequest: handler });
      const error = await rejection(host.load(V1));
      expect(error).toMatchObject({ code: 'ERR_OPTIONS', plugin: 'p', cause: { message: 'no dialog' } });
      expect(error.message).toContain('onPermissionRequest failed');
      expect((await host.load(V1)).state).toBe('ready');
    },
  );

  it('that never answers is given up with the load, and with the host', async () => {
    const hangs: PermissionHandler = () => new Promise(() => {});
    const host = await openHost({ onPermissionRequest: hangs });
    const controller = new AbortController();
    const load = rejection(host.load(V1, { signal: controller.signal }));
    setImmediate(() => controller.abort());
    expect((await load).code).toBe('ERR_ABORTED');
    const other = rejection(host.load(V1));
    await new Promise((resolve) => setImmediate(resolve));
    await host.close();
    expect(['ERR_ABORTED', 'ERR_CLOSED']).toContain((await other).code);
  });

  it('has some of each kind: many harmless ones do not hide the one that matters', async () => {
    const { host, requests } = await asked('deny');
    const http = Array.from({ length: 90 }, (_, n) => `h${n}.example`);
    const fs = { write: { '/home': './home' } };
    await host.load(plugin('p', lab, { permissions: { http, fs, plugins: ['other'] } }));
    const { summary } = requests[0]!;
    expect(summary).toContain('  + write files in /home (./home)');
    expect(summary).toContain('  + call plugin other');
    expect(summary).toContain('and 52 more (HTTP: 52)');
    expect(summary.split('\n')).toHaveLength(42);
  });
});
