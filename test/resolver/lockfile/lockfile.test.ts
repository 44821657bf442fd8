import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dataDigest } from '../../../src/integrity/data-digest.js';
import { parsePermissions } from '../../../src/manifest/parse-permissions.js';
import { formatLockfile } from '../../../src/resolver/lockfile/format-lockfile.js';
import { lockEntry } from '../../../src/resolver/lockfile/lock-entry.js';
import {
  EMPTY_LOCKFILE,
  lockedVersions,
  lockfileOf,
  rememberedGrant,
  updateLockfile,
} from '../../../src/resolver/lockfile/lockfile.js';
import { conflictMarkers, parseLockfile } from '../../../src/resolver/lockfile/parse-lockfile.js';
import { ask, needs } from '../ask.js';
import { entry, lockfile, manifest } from './lockfiles.js';

const granted = parsePermissions({
  http: ['api.github.com', { host: '*.example.com', ports: [443], methods: ['GET'], reason: 'themes' }],
  fs: { read: { '/data': './data' }, write: { '/cache': './cache' } },
  env: ['LANG'],
  hostFunctions: ['kv_read', { name: 'kv_write', optional: true }],
  plugins: ['@acme/highlight'],
});

const full = lockfile({
  '@acme/markdown': {
    version: '1.2.0',
    source: 'directory ./plugins',
    modules: { main: dataDigest(1), lib: dataDigest(2) },
    dependencies: { renderer: 'fast', '@acme/highlight': '@acme/highlight' },
    permissions: { asked: dataDigest(3), granted },
  },
  '@acme/highlight': { version: '2.0.0' },
  fast: {},
});

describe('the text of a lockfile', () => {
  test('is what it should be', async () => {
    await expect(formatLockfile(full)).toMatchFileSnapshot('plugins.lock.txt');
  });

  test('reads back as the same lockfile', () => {
    expect(parseLockfile(formatLockfile(full), 'plugins.lock.json')).toEqual(full);
    expect(parseLockfile(formatLockfile(EMPTY_LOCKFILE), 'x')).toEqual(EMPTY_LOCKFILE);
  });

  test('does not depend on the order in which things were added', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(Object.entries(full.plugins), { minLength: 3 }), (entries) => {
        const reversed = entries.map(
          ([name, one]) =>
            [name, Object.fromEntries(Object.entries(one).reverse())] as unknown as (typeof entries)[0],
        );
        expect(formatLockfile(lockfileOf(reversed))).toBe(formatLockfile(full));
      }),
    );
  });

  test('changes in the lines of one plugin when one plugin changes', () => {
    const before = formatLockfile(full).split('\n');
    const changed = updateLockfile(full, [['@acme/highlight', entry({ version: '2.0.1' })]]);
    const after = formatLockfile(changed).split('\n');
    expect(after).toHaveLength(before.length);
    expect(after.filter((line, i) => line !== before[i])).toEqual(['      "version": "2.0.1",']);
  });
});

describe('a text that is no lockfile', () => {
  test('with a merge conflict is reported as such, with its lines', () => {
    const lines = formatLockfile(full).split('\n');
    lines.splice(4, 0, '<<<<<<< HEAD', lines[4]!, '=======');
    lines.splice(8, 0, '>>>>>>> feature');
    expect(() => parseLockfile(lines.join('\n'), 'plugins.lock.json')).toThrow(
      expect.objectContaining({
        code: 'ERR_OPTIONS',
        message: expect.stringContaining('plugins.lock.json has an unresolved merge conflict at line 5'),
        details: { file: 'plugins.lock.json', mergeConflict: true, lines: [5, 7, 9] },
      }),
    );
  });

  test.each(['<<<<<<< HEAD', '=======', '>>>>>>> x', '||||||| merged common ancestors', '<<<<<<<\r'])(
    'a line %j marks a conflict',
    (line) => {
      expect(conflictMarkers(`a\n${line}\nb`)).toEqual([2]);
    },
  );

  test.each(['<<<<<<', '<<<<<<<<', '  <<<<<<< x', '======= x='.slice(0, 6), '"<<<<<<< "'])(
    'a line %j does not',
    (line) => {
      expect(conflictMarkers(line)).toEqual([]);
    },
  );

  test('of a newer format says so', () => {
    expect(() => parseLockfile('{"lockfileVersion": 2, "new": true}', 'x')).toThrow(
      /lockfileVersion 2; this Cordon knows 1/,
    );
  });

  const one = { version: '1.0.0', source: 's', manifest: dataDigest(0), modules: {}, dependencies: {} };
  const withPlugin = (more: object, name = 'a') =>
    JSON.stringify({ lockfileVersion: 1, plugins: { [name]: { ...one, ...more } } });
  test.each([
    [''],
    ['{'],
    ['null'],
    ['[]'],
    ['{}'],
    ['{"lockfileVersion": 0, "plugins": {}}'],
    ['{"lockfileVersion": 1}'],
    ['{"lockfileVersion": 1, "plugins": {}, "more": 1}'],
    ['{"lockfileVersion": 1, "plugins": {"a": null}}'],
    ['{"lockfileVersion": 1, "plugins": {}, "plugins": {}}'],
    ['{"lockfileVersion": 1, "plugins": {"__proto__": {}}}'],
    [withPlugin({ version: 'latest' })],
    [withPlugin({ manifest: 'sha256-x' })],
    [withPlugin({ modules: { main: 'sha1-x' } })],
    [withPlugin({ dependencies: { b: 'B' } })],
    [withPlugin({ permissions: { asked: dataDigest(0), granted: { http: 'all' } } })],
    [withPlugin({ other: 1 })],
    [withPlugin({}, 'Not A Name')],
    ['['.repeat(100_000)],
  ])('such as %.60j is ERR_OPTIONS and names the file', (text) => {
    expect(() => parseLockfile(text, 'my.lock.json')).toThrow(
      expect.objectContaining({ code: 'ERR_OPTIONS', message: expect.stringContaining('my.lock.json') }),
    );
  });

  test('never ends in anything but a coded error', () => {
    const text = formatLockfile(full);
    fc.assert(
      fc.property(fc.nat(text.length), fc.nat(20), fc.string(), (at, length, insert) => {
        try {
          parseLockfile(text.slice(0, at) + insert + text.slice(at + length), 'x');
        } catch (error) {
          expect(error).toMatchObject({ code: 'ERR_OPTIONS' });
        }
      }),
    );
  });
});

describe('a lockfile', () => {
  test('gives the resolver its versions', async () => {
    const universe = { '@acme/highlight': { '2.0.0': {}, '2.1.0': {} } };
    const { order } = await ask(universe, ['@acme/highlight'], { locked: lockedVersions(full) });
    expect(order[0]).toMatchObject({ version: '2.0.0', reasons: { version: 'locked' } });
  });

  test('gets an entry from what was resolved and read', async () => {
    const universe = {
      a: { '1.0.0': needs({ v: '*', b: '*' }) },
      b: { '1.0.0': {} },
      p: { '1.0.0': { provides: { v: '1.0.0' } } },
    };
    const { order } = await ask(universe, ['a']);
    const own = manifest('a', '1.0.0', { permissions: { env: ['LANG'] } });
    const modules = { main: dataDigest(1) };
    expect(lockEntry(order.at(-1)!, { manifest: own, modules })).toEqual({
      version: '1.0.0',
      source: 'memory',
      manifest: dataDigest(own),
      modules,
      dependencies: { b: 'b', v: 'p' },
    });
    expect(lockEntry(order.at(-1)!, { manifest: own, modules, granted }).permissions).toEqual({
      asked: dataDigest(own.permissions),
      granted,
      requested: own.permissions,
    });
  });

  test('keeps what an update does not name, unless it is told what may stay', () => {
    const updated = updateLockfile(full, [['new', entry()]]);
    expect(Object.keys(updated.plugins).sort()).toEqual(['@acme/highlight', '@acme/markdown', 'fast', 'new']);
    expect(
      Object.keys(updateLockfile(full, [['new', entry()]], new Set(['new', 'fast'])).plugins).sort(),
    ).toEqual(['fast', 'new']);
    expect(Object.keys(full.plugins)).toHaveLength(3);
  });

  test('remembers a grant until the plugin asks for something else', () => {
    const asking = manifest('a', '1.0.0', { permissions: { env: ['LANG'] } });
    const locked = lockfile({ a: { permissions: { asked: dataDigest(asking.permissions), granted } } });
    expect(rememberedGrant(locked, asking)).toBe(granted);
    expect(rememberedGrant(locked, manifest('a', '2.0.0', { permissions: { env: ['LANG'] } }))).toBe(granted);
    expect(
      rememberedGrant(locked, manifest('a', '1.0.0', { permissions: { env: ['LANG', 'HOME'] } })),
    ).toBeUndefined();
    expect(rememberedGrant(locked, manifest('b', '1.0.0'))).toBeUndefined();
  });
});
