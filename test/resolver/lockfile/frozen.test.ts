import { describe, expect, test } from 'vitest';
import { dataDigest } from '../../../src/integrity/data-digest.js';
import {
  compareWithLockfile,
  lockedIntegrity,
  requireFrozen,
  verifyLockedManifest,
} from '../../../src/resolver/lockfile/frozen.js';
import { ask, needs } from '../ask.js';
import { lockfile, manifest } from './lockfiles.js';

const universe = {
  a: { '1.0.0': needs({ b: '*', v: '*' }) },
  b: { '1.0.0': {}, '1.1.0': {} },
  p: { '1.0.0': { provides: { v: '1.0.0' } } },
};
const locked = lockfile({ a: { dependencies: { b: 'b', v: 'p' } }, b: { version: '1.1.0' }, p: {} });
const file = 'plugins.lock.json';

describe('a frozen lockfile', () => {
  test('accepts exactly what it says', async () => {
    const resolution = await ask(universe, ['a']);
    expect(() => requireFrozen(locked, resolution, { file, complete: true })).not.toThrow();
  });

  test('accepts a part of what it says unless all is meant', async () => {
    const resolution = await ask(universe, ['b']);
    expect(compareWithLockfile(locked, resolution)).toEqual([]);
    expect(compareWithLockfile(locked, resolution, { complete: true })).toEqual([
      { plugin: 'a', field: 'plugin', locked: '1.0.0' },
      { plugin: 'p', field: 'plugin', locked: '1.0.0' },
    ]);
  });

  test('refuses every difference and says which', async () => {
    const resolution = await ask(universe, ['a']);
    const other = lockfile({
      a: { source: 'directory ./plugins', dependencies: { b: 'b', v: 'q' } },
      b: { version: '1.0.0' },
      gone: { version: '3.0.0' },
    });
    let error: unknown;
    try {
      requireFrozen(other, resolution, { file, complete: true });
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({
      code: 'ERR_RESOLUTION',
      explanation: [
        'The plugins are not those of plugins.lock.json, which is frozen:',
        '  a depends on b, v by p; locked is b, v by q',
        '  a comes from memory; locked is directory ./plugins',
        '  b is 1.1.0; locked is 1.0.0',
        '  gone 3.0.0 is locked and not used',
        '  p 1.0.0 is not locked',
        'Load them once without "frozen" to take this over, or bring the catalog back to what is locked.',
      ].join('\n'),
      details: {
        file,
        differences: expect.arrayContaining([{ plugin: 'p', field: 'plugin', found: '1.0.0' }]),
      },
    });
  });
});

describe('a locked digest', () => {
  const own = manifest('a', '1.0.0', { dependencies: { b: '^1' } });
  const withDigest = lockfile({ a: { manifest: dataDigest(own), modules: { main: dataDigest('main') } } });

  test('accepts the same manifest however its file is laid out', () => {
    expect(() => verifyLockedManifest(withDigest, own, 'plugin.json')).not.toThrow();
    const rewritten = manifest('a', '1.0.0', { dependencies: { b: '^1' }, keywords: [] });
    expect(() => verifyLockedManifest(withDigest, rewritten, 'plugin.json')).not.toThrow();
  });

  test('refuses a manifest that changed within its version, with both digests', () => {
    const changed = manifest('a', '1.0.0', { permissions: { env: ['HOME'] }, dependencies: { b: '^1' } });
    expect(() => verifyLockedManifest(withDigest, changed, '/plugins/a/plugin.json')).toThrow(
      expect.objectContaining({
        code: 'ERR_INTEGRITY',
        plugin: 'a',
        version: '1.0.0',
        details: { expected: dataDigest(own), actual: dataDigest(changed), file: '/plugins/a/plugin.json' },
      }),
    );
  });

  test('says nothing of another version or another plugin', () => {
    expect(() => verifyLockedManifest(withDigest, manifest('a', '1.0.1'), 'x')).not.toThrow();
    expect(() => verifyLockedManifest(withDigest, manifest('z', '1.0.0'), 'x')).not.toThrow();
  });

  test('is found for the modules of the locked version only', () => {
    expect(lockedIntegrity(withDigest, own, 'main')).toBe(dataDigest('main'));
    expect(lockedIntegrity(withDigest, own, 'toString')).toBeUndefined();
    expect(lockedIntegrity(withDigest, { name: 'a', version: '2.0.0' }, 'main')).toBeUndefined();
    expect(lockedIntegrity(withDigest, { name: 'constructor', version: '1.0.0' }, 'main')).toBeUndefined();
  });
});
