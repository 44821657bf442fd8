import { mkdirSync, readdirSync, renameSync, statSync, symlinkSync } from 'node:fs';
import path, { join } from 'node:path';
import type { HostOptions, InMemoryPlugin } from 'cordon';
import { describe, expect, it } from 'vitest';
import { files } from '../fixtures/guests/files.js';
import { i32, toI32 } from '../fixtures/guests/guest.js';
import { collect, openHost, plugin, rejection } from './open-host.js';
import { temporaryFolder } from './plugin-folder.js';

type Mount =
  | string
  | { path: string; quotaBytes?: number | string }
  | { scratch: true; quotaBytes?: number | string };

const [SUCCESS, ENOSPC] = [0, 51];
const QUIET = { quarantine: { maxViolations: Number.POSITIVE_INFINITY } };

async function open(asked: Mount, granted: Mount, manifest: Partial<InMemoryPlugin['manifest']> = {}) {
  const host = await openHost({ ...QUIET, grants: { p: { fs: { write: { '/cache': granted } } } } });
  const violations = collect(host, 'violation');
  const permissions = { fs: { write: { '/cache': asked } } };
  const p = await host.load(plugin('p', files, { ...manifest, permissions }));
  const fill = async (times: number) => toI32((await p.call('fill', i32(times))).bytes());
  return { host, p, fill, violations };
}

describe('a mount with a quota', () => {
  it('takes what fits, and then no more: ENOSPC, and a violation', async () => {
    const folder = temporaryFolder();
    const { host, fill, violations } = await open(
      { path: './x', quotaBytes: '1MiB' },
      { path: folder, quotaBytes: '200KiB' },
    );
    expect(await fill(3)).toBe(SUCCESS);
    expect(await fill(5)).toBe(ENOSPC);
    expect(violations).toMatchObject([{ kind: 'fs', detail: { reason: 'quota', limit: 204_800 } }]);
    expect(statSync(join(folder, 'a')).size).toBeLessThanOrEqual(204_800);
    expect(host.info('p').permissions.fs.write).toEqual({ '/cache': { path: folder, quotaBytes: 204_800 } });
  });

  it('counts what is there already', async () => {
    const folder = temporaryFolder();
    await (await open('./x', folder)).fill(4);
    const { fill } = await open('./x', { path: folder, quotaBytes: '200KiB' });
    expect(await fill(1)).toBe(SUCCESS); // the file is written anew: its bytes are given back first
    expect(readdirSync(folder)).toEqual(['a']);
    expect(await fill(5)).toBe(ENOSPC);
  });

  it.each(['shared', 'thread', 'process'] as const)(
    'holds for all instances together, in isolation %s',
    async (isolation) => {
      if (isolation === 'process' && process.platform === 'win32') return;
      const folder = temporaryFolder();
      const target = { path: folder, quotaBytes: '200KiB' };
      const host = await openHost({
        ...QUIET,
        isolation,
        threads: { min: 2, max: 2 },
        grants: { p: { fs: { write: { '/cache': target } } } },
      });
      const p = await host.load(plugin('p', files, { permissions: { fs: { write: { '/cache': './x' } } } }));
      const call = async (tenant: string, fn: string, input: Uint8Array = i32(0)) =>
        toI32((await p.call(fn, input, { tenant })).bytes());
      // Each instance has looked at the folder while it was empty.
      for (const tenant of ['a', 'b']) expect(await call(tenant, 'fill', i32(0))).toBe(SUCCESS);
      expect(host.info('p').instances).toBeGreaterThanOrEqual(2);
      expect(await call('a', 'fill', i32(2))).toBe(SUCCESS);
      renameSync(join(folder, 'a'), join(folder, 'kept'));
      expect(await call('b', 'fill', i32(5))).toBe(ENOSPC);
      const sizes = readdirSync(folder).map((name) => statSync(join(folder, name)).size);
      expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(200 * 1024);
    },
  );

  it('of 0 takes nothing', async () => {
    const folder = temporaryFolder();
    const { fill } = await open('./x', { path: folder, quotaBytes: 0 });
    expect(await fill(1)).toBe(ENOSPC);
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('a mount in memory', () => {
  it('is for writing, bounded, and gone with its instance', async () => {
    const { p, fill } = await open(
      { scratch: true },
      { scratch: true, quotaBytes: '100KiB' },
      { instance: 'per-call' },
    );
    expect(await fill(1)).toBe(SUCCESS);
    expect(await fill(3)).toBe(ENOSPC);
    expect(toI32((await p.call('keep')).bytes())).toBe(44); // no file "f"
  });

  it('needs no folder, but a grant', async () => {
    const host = await openHost();
    const p = await host.load(
      plugin('p', files, { permissions: { fs: { write: { '/tmp': { scratch: true } } } } }),
    );
    expect(toI32((await p.call('fill', i32(1))).bytes())).toBe(8); // EBADF: there is no mount
    expect(host.info('p').permissions.refused.fs).toMatchObject([{ what: 'write /tmp', side: 'host' }]);
  });

  it('has 16 MiB where nobody says how much', async () => {
    const { host } = await open({ scratch: true }, { scratch: true });
    expect(host.info('p').permissions.fs.write).toEqual({
      '/cache': { scratch: true, quotaBytes: 16 * 1024 * 1024 },
    });
  });

  it('is what "grant" answers where it was asked for', async () => {
    const host = await openHost({ onPermissionRequest: async () => 'grant' });
    const permissions = { fs: { write: { '/tmp': { scratch: true as const, quotaBytes: 200_000 } } } };
    const p = await host.load(plugin('p', files, { permissions }));
    expect(toI32((await p.call('fill', i32(1))).bytes())).toBe(SUCCESS);
  });
});

it('a folder with a quota that is not there cannot be mounted', async () => {
  const missing = join(temporaryFolder(), 'missing');
  const host = await openHost({
    grants: { p: { fs: { write: { '/c': { path: missing, quotaBytes: 1 } } } } },
  });
  const load = host.load(plugin('p', files, { permissions: { fs: { write: { '/c': './c' } } } }));
  expect(await rejection(load)).toMatchObject({ code: 'ERR_OPTIONS', details: { hostPath: missing } });
});

describe('a folder to write to', () => {
  const { sep } = path;

  it.each<[string, (folder: string) => HostOptions]>([
    ['cache.directory', (folder) => ({ cache: { directory: join(folder, 'inner', 'cache') } })],
    ['stateDirectory', (folder) => ({ stateDirectory: join(folder, 'inner', 'state') })],
    ['lockfile', (folder) => ({ lockfile: join(folder, 'inner', 'plugins.lock.json') })],
  ])(
    'that would let a plugin change the host’s %s is refused, above it and below',
    async (option, options) => {
      const folder = temporaryFolder();
      mkdirSync(join(folder, 'inner', 'cache', 'below'), { recursive: true, mode: 0o700 });
      mkdirSync(join(folder, 'inner', 'state', 'below'), { recursive: true });
      mkdirSync(join(folder, 'beside'));
      symlinkSync(join(folder, 'inner'), join(folder, 'link'));
      const attempt = async (path: string, access: 'read' | 'write', version = '1.0.0') => {
        const permissions = { fs: { [access]: { '/cache': path } } };
        const host = await openHost({ ...QUIET, ...options(folder), grants: { p: permissions } });
        await host.load(plugin('p', files, { version, permissions }));
        await host.close();
      };
      const below =
        option === 'lockfile'
          ? []
          : [join(folder, 'inner', option === 'stateDirectory' ? 'state' : 'cache', 'below')];
      for (const path of [folder, join(folder, 'inner'), join(folder, 'link'), `${folder}${sep}`, ...below]) {
        const error = await rejection(attempt(path, 'write'));
        expect(error).toMatchObject({ code: 'ERR_OPTIONS', plugin: 'p', details: { option } });
        expect(error.message).toContain(`trusts as its "${option}"`);
      }
      await attempt(join(folder, 'inner'), 'read');
      await attempt(join(folder, 'beside'), 'write', '1.0.1');
    },
  );
});
