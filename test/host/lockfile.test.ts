import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { CatalogSource, InMemoryPlugin, PermissionRequest } from 'cordon';
import { describe, expect, it } from 'vitest';
import { fn, guest } from '../fixtures/guests/guest.js';
import { ECHO } from '../fixtures/guests/guests.js';
import { collect, openHost, plugin, rejection } from './open-host.js';
import { temporaryFolder, writePlugin } from './plugin-folder.js';

const echo = guest(() => ECHO);
const other = guest((text) => fn('other', `(call $reply ${text('other')})`));

interface Locked {
  readonly version: string;
  readonly modules: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly permissions?: { readonly asked: string; readonly granted: { readonly env: readonly string[] } };
}

const newPath = (): string => join(temporaryFolder(), 'plugins.lock.json');

function entries(path: string): Record<string, Locked> {
  return JSON.parse(readFileSync(path, 'utf8')).plugins;
}

function versionsIn(path: string): Record<string, string> {
  return Object.fromEntries(Object.entries(entries(path)).map(([name, { version }]) => [name, version]));
}

/** `app` needs `base`, which there is in these versions. */
function appOn(...versions: readonly string[]): InMemoryPlugin[] {
  return [
    plugin('app', echo, { dependencies: { base: '^1' } }),
    ...versions.map((version) => plugin('base', echo, { version })),
  ];
}

describe('a host with a lockfile', () => {
  it('writes what it loaded: versions, digests, who serves whom', async () => {
    const lockfile = newPath();
    const host = await openHost({ catalog: appOn('1.0.0', '1.1.0'), lockfile });
    expect(existsSync(lockfile)).toBe(false);
    await host.load('app');
    expect(entries(lockfile)).toMatchObject({
      app: { version: '1.0.0', dependencies: { base: 'base' }, source: 'memory' },
      base: { version: '1.1.0', modules: { main: host.info('base').integrity }, dependencies: {} },
    });
  });

  it('prefers the locked versions to newer ones', async () => {
    const lockfile = newPath();
    await (await openHost({ catalog: appOn('1.0.0'), lockfile })).load('app');
    const before = readFileSync(lockfile, 'utf8');
    const host = await openHost({ catalog: appOn('1.0.0', '1.1.0'), lockfile });
    const [, base] = (await host.resolve('app')).plugins.toReversed();
    expect(base).toMatchObject({ name: 'base', version: '1.0.0', reasons: { version: 'locked' } });
    await host.load('app');
    expect(host.plugin('base').version).toBe('1.0.0');
    expect(readFileSync(lockfile, 'utf8')).toBe(before);
  });

  it('keeps the entries of plugins that this load does not need', async () => {
    const lockfile = newPath();
    const host = await openHost({ catalog: [plugin('a', echo), plugin('b', echo)], lockfile });
    await host.load('b');
    await host.load('a');
    await host.unload('b');
    expect(versionsIn(lockfile)).toEqual({ a: '1.0.0', b: '1.0.0' });
  });

  it('sees what others wrote since its last load', async () => {
    const lockfile = newPath();
    const host = await openHost({ catalog: [plugin('a', echo), ...appOn('1.0.0', '1.1.0')], lockfile });
    await host.load('a');
    await (await openHost({ catalog: appOn('1.0.0'), lockfile })).load('app');
    await host.load('app');
    expect(versionsIn(lockfile)).toEqual({ a: '1.0.0', app: '1.0.0', base: '1.0.0' });
  });

  it('writes nothing where the load fails', async () => {
    const lockfile = newPath();
    const host = await openHost({
      catalog: [
        plugin('good', echo),
        plugin('bad', echo, { dependencies: { good: '*' }, exports: { missing: {} } }),
      ],
      lockfile,
    });
    await rejection(host.load('bad'));
    expect(existsSync(lockfile)).toBe(false);
  });

  it('leaves nothing beside the file', async () => {
    const lockfile = newPath();
    await (await openHost({ catalog: appOn('1.0.0'), lockfile })).load('app');
    expect(readdirSync(join(lockfile, '..'))).toEqual(['plugins.lock.json']);
  });

  it('takes a load back where the file cannot be written', async () => {
    const lockfile = join(temporaryFolder(), 'no-such-folder', 'plugins.lock.json');
    const host = await openHost({ catalog: appOn('1.0.0'), lockfile });
    const error = await rejection(host.load('app'));
    expect(error.code).toBe('ERR_OPTIONS');
    expect(error.message).toContain(lockfile);
    expect(host.list()).toEqual([]);
  });

  it.each([
    ['a merge conflict', '{\n<<<<<<< ours\n=======\n>>>>>>> theirs\n}\n', 'merge conflict at line 2'],
    ['a newer format', '{ "lockfileVersion": 99, "plugins": {} }', 'lockfileVersion 99'],
    ['no JSON', 'versions: none', 'expected a value'],
  ])('refuses a file with %s, naming it', async (_, text, said) => {
    const lockfile = newPath();
    writeFileSync(lockfile, text);
    const host = await openHost({ catalog: appOn('1.0.0'), lockfile });
    for (const act of ['load', 'resolve'] as const) {
      const error = await rejection(host[act]('app'));
      expect(error.code).toBe('ERR_OPTIONS');
      expect(error.message).toContain(lockfile);
      expect(error.message).toContain(said);
    }
    expect(host.list()).toEqual([]);
    expect(readFileSync(lockfile, 'utf8')).toBe(text);
  });
});

describe('a published version that has changed', () => {
  it('is refused where its module is another', async () => {
    const lockfile = newPath();
    await (await openHost({ catalog: [plugin('a', echo)], lockfile })).load('a');
    const host = await openHost({ catalog: [plugin('a', other)], lockfile });
    const error = await rejection(host.load('a'));
    expect(error).toMatchObject({ code: 'ERR_INTEGRITY', plugin: 'a' });
    expect(error.message).toContain(lockfile);
    expect(host.list()).toEqual([]);
  });

  it('is refused where its manifest says something else', async () => {
    const lockfile = newPath();
    await (await openHost({ catalog: [plugin('a', echo)], lockfile })).load('a');
    const host = await openHost({
      catalog: [plugin('a', echo, { permissions: { env: ['HOME'] } })],
      lockfile,
    });
    expect((await rejection(host.load('a'))).code).toBe('ERR_INTEGRITY');
    expect((await rejection(host.resolve('a'))).code).toBe('ERR_INTEGRITY');
  });

  it('is taken in another version', async () => {
    const lockfile = newPath();
    await (await openHost({ catalog: [plugin('a', echo)], lockfile })).load('a');
    const host = await openHost({ catalog: [plugin('a', other, { version: '1.0.1' })], lockfile });
    await host.load('a');
    expect(versionsIn(lockfile)).toEqual({ a: '1.0.1' });
  });
});

describe('a frozen lockfile', () => {
  it('loads the locked set', async () => {
    const path = newPath();
    await (await openHost({ catalog: appOn('1.0.0'), lockfile: path })).load('app');
    const host = await openHost({ catalog: appOn('1.0.0', '1.1.0'), lockfile: { path, frozen: true } });
    await host.load('app');
    expect(host.plugin('base').version).toBe('1.0.0');
  });

  it('refuses what is not locked, and is not written', async () => {
    const path = newPath();
    const host = await openHost({ catalog: appOn('1.0.0'), lockfile: { path, frozen: true } });
    const error = await rejection(host.load('app'));
    expect(error.code).toBe('ERR_RESOLUTION');
    expect(error.message).toContain('base 1.0.0 is not locked');
    expect(error.message).toContain(path);
    expect(existsSync(path)).toBe(false);
    expect(host.list()).toEqual([]);
  });

  it('refuses another version, saying which', async () => {
    const path = newPath();
    await (await openHost({ catalog: appOn('1.0.0'), lockfile: path })).load('app');
    const host = await openHost({ catalog: appOn('1.1.0'), lockfile: { path, frozen: true } });
    for (const act of ['load', 'resolve'] as const) {
      expect((await rejection(host[act]('app'))).message).toContain('base is 1.1.0; locked is 1.0.0');
    }
  });

  it('lets a reload start the locked version again, and no other', async () => {
    const path = newPath();
    const versions = (...all: readonly string[]) => all.map((version) => plugin('a', echo, { version }));
    await (await openHost({ catalog: versions('1.0.0'), lockfile: path })).load('a');
    const host = await openHost({ catalog: versions('1.0.0', '2.0.0'), lockfile: { path, frozen: true } });
    await host.load('a');
    expect((await host.reload('a')).version).toBe('1.0.0');
    expect((await rejection(host.reload('a', { to: '2' }))).code).toBe('ERR_RESOLUTION');
    expect(host.plugin('a').version).toBe('1.0.0');
  });
});

describe('a reload', () => {
  const growing = () => {
    const folder = temporaryFolder();
    const add = (name: string, version: string, more: object = {}) =>
      writePlugin(join(folder, `${name}-${version}`), echo, { name, version, ...more });
    return { folder, add };
  };

  it('upgrades that one name, and nobody else', async () => {
    const lockfile = newPath();
    const { folder, add } = growing();
    add('a', '1.0.0', { dependencies: { base: '^1' } });
    add('base', '1.0.0');
    const host = await openHost({ catalog: [folder], lockfile });
    await host.load('a');
    add('a', '1.1.0', { dependencies: { base: '^1' } });
    add('base', '1.1.0');
    expect((await host.reload('a')).version).toBe('1.1.0');
    expect(versionsIn(lockfile)).toEqual({ a: '1.1.0', base: '1.0.0' });
  });

  it('that fails leaves the old version and the file', async () => {
    const lockfile = newPath();
    const { folder, add } = growing();
    add('a', '1.0.0');
    const host = await openHost({ catalog: [folder], lockfile });
    await host.load('a');
    const before = readFileSync(lockfile, 'utf8');
    add('a', '2.0.0', { exports: { missing: {} } });
    await rejection(host.reload('a'));
    expect(readFileSync(lockfile, 'utf8')).toBe(before);
    expect((await host.call('a', 'echo', 'still here')).text()).toBe('still here');
  });

  it('whose lockfile cannot be read leaves the old version serving', async () => {
    const lockfile = newPath();
    const { folder, add } = growing();
    add('a', '1.0.0');
    const host = await openHost({ catalog: [folder], lockfile });
    await host.load('a');
    add('a', '2.0.0');
    writeFileSync(lockfile, '<<<<<<< ours\n');
    expect((await rejection(host.reload('a'))).code).toBe('ERR_OPTIONS');
    expect(host.plugin('a')).toMatchObject({ version: '1.0.0', state: 'ready' });
  });

  it('whose lockfile cannot be written leaves the old version serving', async () => {
    const lockfile = newPath();
    const { folder, add } = growing();
    add('a', '1.0.0');
    const host = await openHost({ catalog: [folder], lockfile });
    await host.load('a');
    add('a', '2.0.0');
    rmSync(dirname(lockfile), { recursive: true });
    const reloaded = collect(host, 'plugin:reloaded');
    expect((await rejection(host.reload('a'))).code).toBe('ERR_OPTIONS');
    expect(host.plugin('a')).toMatchObject({ version: '1.0.0', state: 'ready' });
    expect((await host.call('a', 'echo', 'still here')).text()).toBe('still here');
    expect(reloaded).toEqual([]);
  });
});

describe('the answer of onPermissionRequest', () => {
  const asking = (version: string, ...env: readonly string[]): InMemoryPlugin =>
    plugin('a', echo, { version, permissions: { env: [...env] } });

  async function ask(
    lockfile: string,
    catalog: InMemoryPlugin,
    answer: 'grant' | 'deny' | { env: string[] },
    grants = {},
  ): Promise<{ asked: PermissionRequest[]; env: readonly string[] }> {
    const asked: PermissionRequest[] = [];
    const host = await openHost({
      catalog: [catalog],
      lockfile,
      grants,
      onPermissionRequest: async (request) => {
        asked.push(request);
        return answer;
      },
    });
    await host.load('a');
    return { asked, env: host.info('a').permissions.env };
  }

  it.each([
    ['grant', ['CI', 'LANG']],
    ['deny', []],
    [{ env: ['LANG'] }, ['LANG']],
  ] as const)('%j is remembered', async (answer, env) => {
    const lockfile = newPath();
    const given = typeof answer === 'string' ? answer : { env: [...answer.env] };
    const first = await ask(lockfile, asking('1.0.0', 'CI', 'LANG'), given);
    expect([first.asked.length, first.env]).toEqual([1, env]);
    expect(entries(lockfile).a?.permissions?.granted.env).toEqual(env);
    const second = await ask(lockfile, asking('1.0.0', 'CI', 'LANG'), answer === 'deny' ? 'grant' : 'deny');
    expect([second.asked.length, second.env]).toEqual([0, env]);
  });

  it('holds for a newer version that asks for the same', async () => {
    const lockfile = newPath();
    await ask(lockfile, asking('1.0.0', 'LANG'), 'grant');
    expect(await ask(lockfile, asking('1.1.0', 'LANG'), 'deny')).toEqual({ asked: [], env: ['LANG'] });
  });

  it('is void when the request changes', async () => {
    const lockfile = newPath();
    await ask(lockfile, asking('1.0.0', 'LANG'), 'grant');
    const { asked, env } = await ask(lockfile, asking('1.1.0', 'LANG', 'HOME'), 'deny');
    expect(asked).toMatchObject([{ plugin: 'a', version: '1.1.0', permissions: { env: ['LANG', 'HOME'] } }]);
    expect(env).toEqual([]);
  });

  it('has only what was shown: a grant that is taken back is taken back', async () => {
    const lockfile = newPath();
    await ask(lockfile, asking('1.0.0', 'CI', 'LANG'), 'grant', { a: { env: ['CI'] } });
    expect((await ask(lockfile, asking('1.0.0', 'CI', 'LANG'), 'grant')).env).toEqual(['LANG']);
  });

  it('holds without a handler, as in production', async () => {
    const path = newPath();
    await ask(path, asking('1.0.0', 'LANG'), 'grant');
    const host = await openHost({ catalog: [asking('1.0.0', 'LANG')], lockfile: { path, frozen: true } });
    await host.load('a');
    expect(host.info('a').permissions.env).toEqual(['LANG']);
  });
});

it('a withdrawn version is used where it is locked, and not taken anew', async () => {
  const lockfile = newPath();
  const memory = await openHost({ catalog: [plugin('a', echo)], lockfile });
  await memory.load('a');
  const yanked: CatalogSource = {
    id: 'memory',
    candidates: async () => [
      {
        manifest: plugin('a', echo).manifest as never,
        origin: 'memory',
        source: 'memory',
        yanked: 'it loses data',
        read: async () => echo.slice(),
      },
    ],
  };
  expect((await (await openHost({ catalog: [yanked], lockfile })).load('a')).version).toBe('1.0.0');
  const without = await openHost({ catalog: [yanked] });
  expect((await rejection(without.load('a'))).message).toContain('it loses data');
});
