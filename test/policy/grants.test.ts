import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type MountTarget, NO_PERMISSIONS, type Permissions } from '../../src/manifest/permissions.js';
import { explainRefusal, grantPermissions } from '../../src/policy/grants.js';

const plugin = '@acme/markdown';
const permissions = (some: Partial<Permissions>): Permissions => ({ ...NO_PERMISSIONS, ...some });
const grant = (asked: Partial<Permissions>, granted: Partial<Permissions>, dependencies?: string[]) =>
  grantPermissions({ plugin, asked: permissions(asked), granted: permissions(granted), dependencies });

describe('grantPermissions', () => {
  it('gives nothing that only one side names', () => {
    const asked = {
      http: [{ host: 'a.example' }],
      fs: { read: { '/data': './data' }, write: {} },
      env: ['LANG'],
      hostFunctions: [{ name: 'kv_read', optional: false }],
      plugins: ['other'],
    };
    for (const { http, fs, env, hostFunctions, plugins } of [grant(asked, {}), grant({}, asked)]) {
      expect({ http: http.effective, fs, env, hostFunctions, plugins }).toEqual({
        http: [],
        fs: { read: {}, write: {} },
        env: [],
        hostFunctions: [],
        plugins: [],
      });
    }
  });

  it('gives who asks for nothing what it would get anyway, frozen, and under its own name', () => {
    const granted = permissions({ env: ['LANG'], http: [{ host: '*' }], plugins: ['other'] });
    const [one, other] = ['one', 'other'].map((name) =>
      grantPermissions({ plugin: name, asked: NO_PERMISSIONS, granted }),
    );
    const { asked, ...nothing } = grant({ env: ['UNGRANTED'] }, {});
    const refused = { ...nothing.refused, env: [] };
    expect(one).toEqual({
      ...{ ...nothing, refused, asked: NO_PERMISSIONS, plugin: 'one' },
      http: { ...nothing.http, plugin: 'one' },
    });
    expect([other!.plugin, other!.http.plugin]).toEqual(['other', 'other']);
    for (const part of [
      one,
      one!.http,
      one!.http.effective,
      one!.fs,
      one!.fs.read,
      one!.env,
      one!.refused.fs,
    ])
      expect(Object.isFrozen(part)).toBe(true);
    expect(
      grantPermissions({ plugin, asked: NO_PERMISSIONS, granted, dependencies: ['dep'] }).plugins,
    ).toEqual(['dep']);
  });

  it('narrows an HTTP rule by both sides', () => {
    const { http, refused } = grant(
      { http: [{ host: '*.example.com', methods: ['get', 'POST'], reason: 'themes' }] },
      { http: [{ host: 'API.example.com', ports: [443], methods: ['GET'] }] },
    );
    expect(http.effective).toEqual([
      { host: 'api.example.com', ports: [443], methods: ['GET'], reason: 'themes', literal: false },
    ]);
    expect(refused.http).toMatchObject([{ partly: true, side: 'host' }]);
  });

  it('keeps one rule where several grants give the same', () => {
    const { http } = grant(
      { http: [{ host: 'a.example' }] },
      { http: [{ host: '*' }, { host: '*.example' }] },
    );
    expect(http.effective).toHaveLength(1);
  });

  it('says that the host refused what was asked for and not granted', () => {
    const { refused } = grant(
      {
        http: [{ host: 'a.example', ports: [443] }],
        fs: { read: { '/data': './d' }, write: { '/cache': './c' } },
        env: ['HOME'],
        hostFunctions: [{ name: 'kv', optional: true }],
        plugins: ['other'],
      },
      {},
    );
    const messages = Object.values(refused).flatMap((list) => list.map(({ message }) => message));
    expect(messages).toEqual([
      "the host's grants for @acme/markdown do not include a.example, port 443 in http",
      "the host's grants for @acme/markdown do not include write /cache in fs",
      "the host's grants for @acme/markdown do not include read /data in fs",
      "the host's grants for @acme/markdown do not include HOME in env",
      "the host's grants for @acme/markdown do not include kv in hostFunctions",
      "the host's grants for @acme/markdown do not include other in plugins",
    ]);
  });

  it.each(['localhost', '127.0.0.1', '10.0.0.5', '::1'])(
    'counts %s as refused where the grant says only *',
    (host) => {
      expect(grant({ http: [{ host }] }, { http: [{ host: '*' }] }).refused.http).toMatchObject([
        { partly: false },
      ]);
      expect(grant({ http: [{ host }] }, { http: [{ host }, { host: '*' }] }).refused.http).toEqual([]);
    },
  );

  it('implies dependencies on both sides', () => {
    const { plugins, refused } = grant({ plugins: ['x'] }, { plugins: ['x', 'y'] }, ['@acme/highlight']);
    expect(plugins).toEqual(['@acme/highlight', 'x']);
    expect(refused.plugins).toEqual([]);
  });

  it('is frozen all the way down', () => {
    const all = grant(
      { http: [{ host: 'a.example', ports: [1] }], fs: { read: { '/a': 'a' }, write: {} }, env: ['X'] },
      { http: [{ host: 'a.example' }], fs: { read: { '/a': 'b' }, write: {} }, env: ['X'] },
    );
    const thawed: string[] = [];
    const visit = (value: unknown, path: string) => {
      if (typeof value !== 'object' || value === null) return;
      if (!Object.isFrozen(value)) thawed.push(path);
      for (const [key, inner] of Object.entries(value)) visit(inner, `${path}.${key}`);
    };
    expect(Object.isFrozen(all)).toBe(true);
    for (const [key, value] of Object.entries(all)) if (key !== 'asked') visit(value, key);
    expect(thawed).toEqual([]);
  });

  it('does not take names of Object.prototype for granted', () => {
    const { fs, env, hostFunctions } = grant(
      {
        fs: { read: { '/constructor': 'x' }, write: {} },
        env: ['constructor', '__proto__'],
        hostFunctions: [{ name: 'toString', optional: false }],
      },
      {},
    );
    expect([Object.keys(fs.read), env, hostFunctions]).toEqual([[], [], []]);
  });
});

describe('file grants', () => {
  const fs = (asked: Permissions['fs'], granted: Permissions['fs']) =>
    grant({ fs: asked }, { fs: granted }).fs;

  it('use the host path of the grant, not that of the manifest', () => {
    expect(fs({ read: { '/data': '/etc' }, write: {} }, { read: { '/data': './data' }, write: {} })).toEqual({
      read: { '/data': './data' },
      write: {},
    });
  });

  it('cover the paths below', () => {
    const granted = { read: { '/data': '/srv/data', '/data/deep': '/srv/deep' }, write: {} };
    expect(
      fs({ read: { '/data/a/b': '', '/data/deep/c/': '', '/database': '' }, write: {} }, granted).read,
    ).toEqual({
      '/data/a/b': join('/srv/data', 'a/b'),
      '/data/deep/c': join('/srv/deep', 'c'),
    });
  });

  it('do not give a part of what was asked where they are narrower', () => {
    expect(fs({ read: { '/': '' }, write: {} }, { read: { '/data': './data' }, write: {} }).read).toEqual({});
  });

  it('to write also cover reading, and to read never cover writing', () => {
    expect(fs({ read: { '/c': '' }, write: {} }, { read: {}, write: { '/c': './c' } })).toEqual({
      read: { '/c': './c' },
      write: {},
    });
    expect(fs({ read: {}, write: { '/c': '' } }, { read: { '/c': './c' }, write: {} })).toEqual({
      read: {},
      write: {},
    });
  });

  it('make one mount for a path that is asked for twice', () => {
    expect(
      fs({ read: { '/c': '' }, write: { '/c/': '' } }, { read: { '/c': './r' }, write: { '/c': './w' } }),
    ).toEqual({
      read: {},
      write: { '/c': './w' },
    });
  });

  it('do not let an asked path climb out of a granted one', () => {
    const granted = { read: { '/data': '/srv/data' }, write: {} };
    expect(fs({ read: { '/data/../../etc': '', '/data/x/../y': '' }, write: {} }, granted).read).toEqual({
      '/data/y': join('/srv/data', 'y'),
    });
  });
});

describe('explainRefusal', () => {
  const some = grant({ env: ['LANG'], fs: { read: { '/data': '' }, write: {} } }, {});

  it('names the manifest where it does not ask, and the host where it does not grant', () => {
    expect(explainRefusal(some, 'env', 'HOME')).toMatchObject({
      side: 'manifest',
      message: 'the manifest of @acme/markdown does not list HOME in permissions.env',
    });
    expect(explainRefusal(some, 'env', 'LANG').side).toBe('host');
    expect(explainRefusal(some, 'fs', '/data/a.txt').side).toBe('host');
    expect(explainRefusal(some, 'fs', '/data/../etc').side).toBe('manifest');
    expect(explainRefusal(some, 'hostFunctions', 'kv').side).toBe('manifest');
    expect(explainRefusal(some, 'plugins', 'x').side).toBe('manifest');
  });
});

describe('quotas and memory', () => {
  const write = (asked: MountTarget, granted: MountTarget, paths = ['/c', '/c']) =>
    grant(
      { fs: { read: {}, write: { [paths[0]!]: asked } } },
      { fs: { read: {}, write: { [paths[1]!]: granted } } },
    ).fs.write[paths[0]!];

  it('takes the lower quota, and the folder of the grant', () => {
    expect(write({ path: './mine', quotaBytes: 10 }, { path: './yours', quotaBytes: 20 })).toEqual({
      path: './yours',
      quotaBytes: 10,
    });
    expect(write({ path: './mine', quotaBytes: 30 }, { path: './yours', quotaBytes: 20 })).toEqual({
      path: './yours',
      quotaBytes: 20,
    });
    expect(write('./mine', { path: './yours', quotaBytes: 20 })).toEqual({ path: './yours', quotaBytes: 20 });
    expect(write({ path: './mine', quotaBytes: 0 }, './yours')).toEqual({ path: './yours', quotaBytes: 0 });
    expect(write('./mine', './yours')).toBe('./yours');
  });

  it('takes memory where the grant says memory, and a folder where it says a folder', () => {
    expect(write('./mine', { scratch: true, quotaBytes: 5 })).toEqual({ scratch: true, quotaBytes: 5 });
    expect(write({ scratch: true, quotaBytes: 3 }, { scratch: true, quotaBytes: 5 })).toEqual({
      scratch: true,
      quotaBytes: 3,
    });
    expect(write({ scratch: true, quotaBytes: 3 }, './yours')).toEqual({ path: './yours', quotaBytes: 3 });
  });

  it('covers what lies below', () => {
    const granted = { path: './yours', quotaBytes: 20 };
    expect(write('./mine', granted, ['/c/d', '/c'])).toEqual({ path: 'yours/d', quotaBytes: 20 });
    expect(write('./mine', { scratch: true, quotaBytes: 5 }, ['/c/d', '/'])).toEqual({
      scratch: true,
      quotaBytes: 5,
    });
  });

  it.each([
    ['memory', { scratch: true, quotaBytes: 90 }],
    ['a folder', { path: './yours', quotaBytes: 90 }],
  ] as const)('gives no more of %s to who asks for many paths below one grant', (_, granted) => {
    const { fs } = grant(
      { fs: { read: {}, write: { '/c': './c', '/c/a': './a', '/c/b': { path: './b', quotaBytes: 7 } } } },
      { fs: { read: {}, write: { '/c': granted, '/other': './other' } } },
    );
    expect(Object.values(fs.write).map((target) => (target as { quotaBytes: number }).quotaBytes)).toEqual([
      30, 30, 7,
    ]);
  });

  it('does not take memory for what is asked for in read', () => {
    const { fs, refused } = grant(
      { fs: { read: { '/c': './c' }, write: {} } },
      { fs: { read: {}, write: { '/c': { scratch: true, quotaBytes: 5 } } } },
    );
    expect(fs).toEqual({ read: {}, write: {} });
    expect(refused.fs.map(({ what }) => what)).toEqual(['read /c']);
  });
});
