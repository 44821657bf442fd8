import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CatalogSource, InMemoryPlugin } from 'cordon';
import { describe, expect, it } from 'vitest';
import { MemorySource } from '../../src/catalog/memory-source.js';
import { guest } from '../fixtures/guests/guest.js';
import { ECHO } from '../fixtures/guests/guests.js';
import { openHost, plugin, rejection } from './open-host.js';
import { temporaryFolder } from './plugin-folder.js';

const echo = guest(() => ECHO);
const newPath = (): string => join(temporaryFolder(), 'plugins.lock.json');
const made = (name: string, version = '1.0.0', dependencies: Record<string, string> = {}): InMemoryPlugin =>
  plugin(name, echo, { version, dependencies });

interface Entry {
  readonly version: string;
  readonly requested?: true;
}

/** `name@version` of all entries; those that were asked for by name with a star. */
function locked(path: string): string[] {
  const { plugins } = JSON.parse(readFileSync(path, 'utf8')) as { plugins: Record<string, Entry> };
  return Object.entries(plugins).map(
    ([name, { version, requested }]) => `${name}@${version}${requested ? '*' : ''}`,
  );
}

const two = (name: string): InMemoryPlugin[] => [made(name, '1.0.0'), made(name, '1.1.0')];
const app = made('app', '1.0.0', { base: '*', other: '*' });
const old = [app, made('base'), made('other')];
const now = [app, ...two('base'), ...two('other')];

async function lockOld(): Promise<string> {
  const lockfile = newPath();
  await (await openHost({ catalog: old, lockfile })).load('app');
  expect(locked(lockfile)).toEqual(['app@1.0.0*', 'base@1.0.0', 'other@1.0.0']);
  return lockfile;
}

describe('an upgrade', () => {
  it('of all takes the newest versions, and writes them down', async () => {
    const lockfile = await lockOld();
    const host = await openHost({ catalog: now, lockfile });
    const { plugins } = await host.resolve('app', { upgrade: true });
    expect(plugins.map(({ name, version }) => `${name}@${version}`)).toEqual([
      'base@1.1.0',
      'other@1.1.0',
      'app@1.0.0',
    ]);
    expect(locked(lockfile)).toContain('base@1.0.0');
    await host.load('app', { upgrade: true });
    expect(locked(lockfile)).toEqual(['app@1.0.0*', 'base@1.1.0', 'other@1.1.0']);
  });

  it('of some leaves the others as they are locked', async () => {
    const lockfile = await lockOld();
    const host = await openHost({ catalog: now, lockfile });
    await host.load('app', { upgrade: ['other'] });
    expect(locked(lockfile)).toEqual(['app@1.0.0*', 'base@1.0.0', 'other@1.1.0']);
  });

  it('leaves what is loaded as it is', async () => {
    const lockfile = await lockOld();
    const host = await openHost({ catalog: now, lockfile });
    await host.load('base');
    await host.load('app', { upgrade: true });
    expect(host.plugin('base').version).toBe('1.0.0');
    expect(host.plugin('other').version).toBe('1.1.0');
  });

  it('takes what the catalog has by now', async () => {
    const lockfile = await lockOld();
    let offered = old;
    const catalog: CatalogSource = {
      id: 'memory',
      candidates: (name) => new MemorySource(offered).candidates(name),
    };
    const host = await openHost({ catalog, lockfile });
    await host.resolve('app');
    offered = now;
    await host.load('app', { upgrade: ['base'] });
    expect(host.plugin('base').version).toBe('1.1.0');
  });

  it('gets away from a version that was withdrawn, or that is too new', async () => {
    const lockfile = newPath();
    await (await openHost({ catalog: [made('a', '1.1.0')], lockfile })).load('a');
    const source = new MemorySource(two('a'));
    for (const flaw of [{ yanked: 'loses data' }, { publishedAt: Date.now() }]) {
      const catalog: CatalogSource = {
        id: 'memory',
        candidates: async (name) =>
          (await source.candidates(name)).map((one) =>
            one.manifest.version === '1.1.0' ? { ...one, ...flaw } : one,
          ),
      };
      const host = await openHost({ catalog, lockfile, resolution: { minimumReleaseAgeMs: 60_000 } });
      const versions = async (upgrade: boolean | string[]) =>
        (await host.resolve('a', { upgrade })).plugins.map(({ version }) => version);
      expect(await versions(false)).toEqual(['1.1.0']);
      expect(await versions(['a'])).toEqual(['1.0.0']);
    }
  });

  it('of a frozen set, or of a name that nobody needs, is ERR_OPTIONS', async () => {
    const lockfile = await lockOld();
    const frozen = await openHost({ catalog: now, lockfile: { path: lockfile, frozen: true } });
    expect(await rejection(frozen.load('app', { upgrade: ['base'] }))).toMatchObject({
      code: 'ERR_OPTIONS',
      message: expect.stringContaining(lockfile),
    });
    const host = await openHost({ catalog: now, lockfile });
    const error = await rejection(host.load('app', { upgrade: ['otter'] }));
    expect(error).toMatchObject({ code: 'ERR_OPTIONS', plugin: 'otter', details: { nearest: 'other' } });
    await host.load('base', { upgrade: ['other'] });
  });

  it('without a lockfile is a load as any other', async () => {
    const host = await openHost({ catalog: now });
    await host.load('app', { upgrade: true });
    expect(host.plugin('base').version).toBe('1.1.0');
  });
});

describe('a locked version that cannot be used', () => {
  it.each([
    [
      'is refused',
      now,
      { refuse: ['base@1.0.0'] },
      'base 1.0.0 is not to be used (resolution.refuse has base@1.0.0)',
    ],
    ['is gone', [app, made('base', '1.1.0'), made('other')], {}, 'the catalog does not have base 1.0.0'],
  ])(
    'because it %s gives way, with the reason, and fails a frozen set',
    async (_, catalog, resolution, because) => {
      const path = await lockOld();
      const host = await openHost({ catalog, lockfile: path, resolution });
      const base = (await host.resolve('app')).plugins.find(({ name }) => name === 'base');
      expect(base).toMatchObject({ version: '1.1.0', reasons: { notLocked: { version: '1.0.0', because } } });
      const frozen = await openHost({ catalog, lockfile: { path, frozen: true }, resolution });
      const error = await rejection(frozen.load('app'));
      expect(error.code).toBe('ERR_RESOLUTION');
      expect(error.message).toContain(`base is 1.1.0; locked is 1.0.0: ${because}\n`);
    },
  );
});

describe('an entry that nobody needs any more', () => {
  const without = [app, made('app', '2.0.0', { base: '*' }), made('base'), made('other')];

  it('leaves the file with the load that does without it, together with what it needed', async () => {
    const lockfile = newPath();
    const chain = [made('app', '1.0.0', { b: '*' }), made('b', '1.0.0', { c: '*' }), made('c')];
    await (await openHost({ catalog: chain, lockfile })).load('app');
    const host = await openHost({ catalog: [...chain, made('app', '2.0.0')], lockfile });
    await host.load('app');
    expect(locked(lockfile)).toEqual(['app@1.0.0*', 'b@1.0.0', 'c@1.0.0']);
    const next = await openHost({ catalog: [...chain, made('app', '2.0.0')], lockfile });
    await next.load('app@2');
    expect(locked(lockfile)).toEqual(['app@2.0.0*']);
  });

  it('stays as long as it runs', async () => {
    const lockfile = newPath();
    const host = await openHost({ catalog: without, lockfile });
    await host.load('app@1');
    await host.reload('app', { to: '2' });
    expect(locked(lockfile)).toEqual(['app@2.0.0*', 'base@1.0.0', 'other@1.0.0']);
    await (await openHost({ catalog: without, lockfile })).load('app@2');
    expect(locked(lockfile)).toEqual(['app@2.0.0*', 'base@1.0.0']);
  });

  it('stays where the program asked for it by name, though it loads it only later, or found it loaded', async () => {
    const lockfile = newPath();
    const first = await openHost({ catalog: without, lockfile });
    await first.load('app@1');
    await first.load(['other', 'base']);
    expect(locked(lockfile)).toEqual(['app@1.0.0*', 'base@1.0.0*', 'other@1.0.0*']);
    const catalog = [...without, made('other', '1.1.0')];
    const second = await openHost({ catalog, lockfile });
    await second.load('app@2');
    await second.load('other');
    expect(second.plugin('other').version).toBe('1.0.0');
    expect(locked(lockfile)).toEqual(['app@2.0.0*', 'base@1.0.0*', 'other@1.0.0*']);
  });

  it('stays where the load fails, is frozen, or only resolves', async () => {
    const lockfile = newPath();
    await (await openHost({ catalog: without, lockfile })).load('app@1');
    const before = readFileSync(lockfile, 'utf8');
    const bad = plugin('bad', echo, { exports: { missing: {} } });
    const host = await openHost({ catalog: [...without, bad], lockfile });
    await rejection(host.load(['app@2', 'bad']));
    await host.resolve('app@2');
    const frozen = await openHost({ catalog: without, lockfile: { path: lockfile, frozen: true } });
    await frozen.load('app');
    expect(readFileSync(lockfile, 'utf8')).toBe(before);
  });

  it('does not take entries of other programs along that share the file', async () => {
    const lockfile = newPath();
    await (await openHost({ catalog: [made('x', '1.0.0', { y: '*' }), made('y')], lockfile })).load('x');
    await (await openHost({ catalog: without, lockfile })).load('app@2');
    expect(locked(lockfile)).toEqual(['app@2.0.0*', 'base@1.0.0', 'x@1.0.0*', 'y@1.0.0']);
  });

  it('is not what a circle in a file that was edited by hand makes of it', async () => {
    const lockfile = newPath();
    await (await openHost({ catalog: without, lockfile })).load(['app@1']);
    const file = JSON.parse(readFileSync(lockfile, 'utf8'));
    const circle = { ...file.plugins.other, dependencies: { p: 'p', q: 'q' } };
    writeFileSync(lockfile, JSON.stringify({ ...file, plugins: { ...file.plugins, p: circle, q: circle } }));
    await (await openHost({ catalog: without, lockfile })).load('app@1');
    expect(locked(lockfile)).toEqual(['app@1.0.0*', 'base@1.0.0', 'other@1.0.0']);
  });
});
