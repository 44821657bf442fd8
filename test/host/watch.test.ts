import {
  cpSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Host, HostOptions } from 'cordon';
import { describe, expect, it } from 'vitest';
import { fn, guest } from '../fixtures/guests/guest.js';
import { caller, ECHO, lab, trapsAtStart } from '../fixtures/guests/guests.js';
import { collect, next, openHost, plugin } from './open-host.js';
import { temporaryFolder, writePlugin } from './plugin-folder.js';

/** A guest that says this, whatever it is asked. */
const says = (word: string) => guest((text) => `${ECHO} ${fn('say', `(call $reply ${text(word)})`)}`);

const open = (options: HostOptions) => openHost({ watch: { debounceMs: 20 }, ...options });

const openFolder = async (options: HostOptions = {}) => {
  const folder = temporaryFolder();
  const own = join(folder, 'p');
  writePlugin(own, says('old'), { name: 'p' });
  const host = await open({ catalog: [folder], ...options });
  return { folder, own, host, p: await host.load('p') };
};

const reloaded = (host: Host, name = 'p') => next(host, 'plugin:reloaded', ({ plugin }) => plugin === name);
const warned = (host: Host) => next(host, 'warning', ({ topic }) => topic === 'reload');
const say = async (host: Host, name = 'p') => (await host.call(name, 'say')).text();

let barriers = 0;

/** Another plugin is loaded and changed: by the time it is reloaded, whatever is told of the first was told. */
async function barrier(host: Host, folder: string): Promise<void> {
  const other = join(folder, `barrier${++barriers}`);
  const name = `barrier${barriers}`;
  await host.load(writePlugin(other, says('1'), { name }));
  const done = reloaded(host, name);
  writeFileSync(join(other, 'plugin.wasm'), says('2'));
  await done;
}

describe('a host that watches', () => {
  it('reloads a plugin whose module changes', async () => {
    const { host, own } = await openFolder();
    const event = reloaded(host);
    writeFileSync(join(own, 'plugin.wasm'), says('new'));
    expect(await event).toMatchObject({ plugin: 'p', version: '1.0.0', fromVersion: '1.0.0' });
    expect(await say(host)).toBe('new');
  });

  it('goes to the version that plugin.json has now, though the catalog has newer ones', async () => {
    const { host, own, folder } = await openFolder();
    writePlugin(join(folder, 'p3'), says('three'), { name: 'p', version: '3.0.0' });
    const event = reloaded(host);
    writePlugin(own, says('two'), { name: 'p', version: '2.0.0' });
    expect(await event).toMatchObject({ version: '2.0.0', fromVersion: '1.0.0' });
    expect(await say(host)).toBe('two');
  });

  it('reloads again and again, also a plugin that was loaded by its path', async () => {
    const folder = temporaryFolder();
    const path = writePlugin(folder, says('0'), { name: 'p' });
    const host = await open({ watch: true });
    await host.load(path);
    for (const word of ['1', '2', '3']) {
      const event = reloaded(host);
      writeFileSync(join(folder, 'plugin.wasm'), says(word));
      await event;
      expect(await say(host)).toBe(word);
    }
  });

  it('reloads a bare module', async () => {
    const file = join(temporaryFolder(), 'bare.wasm');
    writeFileSync(file, says('old'));
    const host = await open({});
    await host.load(file);
    const event = reloaded(host, 'bare');
    writeFileSync(file, says('new'));
    await event;
    expect(await say(host, 'bare')).toBe('new');
  });

  it('follows an editor that writes beside the file and renames', async () => {
    const { host, own } = await openFolder();
    const event = reloaded(host);
    writeFileSync(join(own, '.plugin.wasm.tmp'), says('new'));
    renameSync(join(own, '.plugin.wasm.tmp'), join(own, 'plugin.wasm'));
    await event;
    expect(await say(host)).toBe('new');
  });

  it('follows a folder that is deleted and made anew', async () => {
    const { host, own } = await openFolder();
    const gone = warned(host);
    rmSync(own, { recursive: true });
    expect((await gone).message).toContain('p@1.0.0 has files that cannot be loaded');
    expect(await say(host)).toBe('old');
    const event = reloaded(host);
    writePlugin(own, says('new'), { name: 'p' });
    await event;
    const again = reloaded(host);
    writeFileSync(join(own, 'plugin.wasm'), says('newer'));
    await again;
    expect(await say(host)).toBe('newer');
  });

  it('follows a folder that is moved away and replaced', async () => {
    const { host, own, folder } = await openFolder();
    const event = reloaded(host);
    writePlugin(join(folder, 'next'), says('new'), { name: 'p' });
    renameSync(own, join(folder, '.before'));
    renameSync(join(folder, 'next'), own);
    await event;
    expect(await say(host)).toBe('new');
  });

  it('follows a link to a folder that is turned to another', async () => {
    const releases = temporaryFolder();
    const folder = temporaryFolder();
    writePlugin(join(releases, '1'), says('old'), { name: 'p' });
    writePlugin(join(releases, '2'), says('new'), { name: 'p' });
    symlinkSync(join(releases, '1'), join(folder, 'p'));
    const host = await open({ catalog: [folder] });
    await host.load('p');
    const event = reloaded(host);
    symlinkSync(join(releases, '2'), join(folder, 'turned'));
    renameSync(join(folder, 'turned'), join(folder, 'p'));
    await event;
    expect(await say(host)).toBe('new');
    const again = reloaded(host);
    writeFileSync(join(releases, '2', 'plugin.wasm'), says('newer'));
    await again;
    expect(await say(host)).toBe('newer');
  });

  it('looks for the modules of the manifest as it is now', async () => {
    const { host, own } = await openFolder();
    const problem = warned(host);
    const manifest = { manifestVersion: 1, name: 'p', version: '1.1.0', wasm: 'dist/other.wasm' };
    writeFileSync(join(own, 'plugin.json'), JSON.stringify(manifest));
    expect((await problem).message).toContain('dist/other.wasm');
    const event = reloaded(host);
    mkdirSync(join(own, 'dist'));
    writeFileSync(join(own, 'dist/other.wasm'), says('other'));
    await event;
    expect(await say(host)).toBe('other');
  });

  it('asks the files again and again where the host says so', async () => {
    const { host, own } = await openFolder({ watch: { debounceMs: 20, pollMs: 100 } });
    const event = reloaded(host);
    writeFileSync(join(own, 'plugin.wasm'), says('new'));
    await event;
    expect(await say(host)).toBe('new');
  });

  it('sees what changed while the plugin was being loaded', async () => {
    const folder = temporaryFolder();
    writePlugin(join(folder, 'p'), says('old'), { name: 'p' });
    const host = await open({ catalog: [folder] });
    const event = reloaded(host);
    host.once('plugin:ready', () => writeFileSync(join(folder, 'p', 'plugin.wasm'), says('new')));
    await host.load('p');
    await event;
    expect(await say(host)).toBe('new');
  });
});

describe('a watched plugin is reloaded once', () => {
  it('where many of its files change at once', async () => {
    const folder = temporaryFolder();
    const own = join(folder, 'p');
    const manifest = (version: string) => ({
      name: 'p',
      version,
      wasm: [
        { name: 'main', path: 'plugin.wasm' },
        ...[1, 2, 3].map((n) => ({ name: `part${n}`, path: `part${n}.wasm` })),
      ],
    });
    const write = (version: string) => {
      writePlugin(own, says(version), manifest(version));
      for (const n of [1, 2, 3]) writeFileSync(join(own, `part${n}.wasm`), says(`${version} ${n}`));
    };
    write('1.0.0');
    const host = await open({ catalog: [folder] });
    await host.load('p');
    const events = collect(host, 'plugin:reloaded');
    const event = reloaded(host);
    write('1.1.0');
    await event;
    await barrier(host, folder);
    expect(events.filter(({ plugin: name }) => name === 'p')).toHaveLength(1);
  });

  it('and not at all where only its time or the form of its text changes', async () => {
    const { host, own, folder } = await openFolder();
    const events = collect(host, 'plugin:reloaded');
    const warnings = collect(host, 'warning');
    utimesSync(join(own, 'plugin.wasm'), new Date(), new Date());
    const text = readFileSync(join(own, 'plugin.json'), 'utf8');
    writeFileSync(join(own, 'plugin.json'), `${text}\n\n`);
    await barrier(host, folder);
    await barrier(host, folder);
    expect(events.filter(({ plugin: name }) => name === 'p')).toEqual([]);
    expect(warnings).toEqual([]);
  });

  it.each(['module', 'manifest'])('and not before its %s is whole', async (which) => {
    const { host, own } = await openFolder();
    const bytes = says('new');
    const file = join(own, which === 'module' ? 'plugin.wasm' : 'plugin.json');
    const whole =
      which === 'module'
        ? bytes
        : JSON.stringify({ manifestVersion: 1, name: 'p', version: '1.1.0', wasm: 'plugin.wasm' });
    const warnings = collect(host, 'warning');
    const problem = warned(host);
    writeFileSync(file, whole.slice(0, whole.length / 2));
    expect(await problem).toMatchObject({ topic: 'reload', plugin: 'p', version: '1.0.0' });
    expect(await say(host)).toBe('old');
    const event = reloaded(host);
    writeFileSync(file, whole);
    await event;
    expect(warnings).toHaveLength(1);
  });
});

describe('where a reload by watching fails', () => {
  it.each([
    ['a module that traps at its start', trapsAtStart, {}, 'ERR_TRAP'],
    [
      'an import that nobody provides',
      guest(() => ECHO, { imports: '(import "env" "nothing" (func))' }),
      {},
      'ERR_IMPORT',
    ],
    ['a dependency that does not exist', says('new'), { dependencies: { absent: '*' } }, 'ERR_NOT_FOUND'],
  ])('%s is told once, and the old version keeps serving', async (_, wasm, manifest, code) => {
    const { host, own, folder } = await openFolder();
    const warnings = collect(host, 'warning');
    const problem = warned(host);
    writePlugin(own, wasm, { name: 'p', ...manifest });
    expect(await problem).toMatchObject({ plugin: 'p', code });
    expect(await say(host)).toBe('old');
    utimesSync(join(own, 'plugin.wasm'), new Date(), new Date());
    await barrier(host, folder);
    expect(warnings).toHaveLength(1);
    const event = reloaded(host);
    writePlugin(own, says('new'), { name: 'p' });
    await event;
    expect(await say(host)).toBe('new');
  });

  it('a version that breaks the range of a dependent stays away', async () => {
    const folder = temporaryFolder();
    writePlugin(join(folder, 'base'), says('old'), { name: 'base' });
    writePlugin(join(folder, 'top'), caller({ go: ['base', 'say'] }), {
      name: 'top',
      dependencies: { base: '^1' },
    });
    const host = await open({ catalog: [folder] });
    await host.load('top');
    const problem = warned(host);
    writePlugin(join(folder, 'base'), says('new'), { name: 'base', version: '2.0.0' });
    expect(await problem).toMatchObject({ plugin: 'base', code: 'ERR_RESOLUTION' });
    expect((await host.call('top', 'go')).text()).toBe('old');
  });

  it('a version outside of the range that was asked for stays away', async () => {
    const folder = temporaryFolder();
    writePlugin(join(folder, 'p'), says('old'), { name: 'p' });
    const host = await open({ catalog: [folder] });
    await host.load('p@^1');
    const problem = warned(host);
    writePlugin(join(folder, 'p'), says('new'), { name: 'p', version: '2.0.0' });
    expect((await problem).message).toContain('p was loaded as "^1"');
    expect(await say(host)).toBe('old');
  });

  it('a folder that is now of another plugin stays away', async () => {
    const { host, own } = await openFolder();
    const problem = warned(host);
    writePlugin(own, says('new'), { name: 'q' });
    expect((await problem).message).toContain('is now of "q"');
    expect(await say(host)).toBe('old');
  });
});

describe('watching ends', () => {
  it('with the plugin', async () => {
    const { host, own, folder, p } = await openFolder();
    await p.unload();
    const warnings = collect(host, 'warning');
    writeFileSync(join(own, 'plugin.wasm'), says('new'));
    await barrier(host, folder);
    expect(host.list().map(({ name }) => name)).toEqual([`barrier${barriers}`]);
    expect(warnings).toEqual([]);
  });

  it('with the host, while files change', async () => {
    const { host, own } = await openFolder();
    const loading = next(host, 'plugin:loading');
    writeFileSync(join(own, 'plugin.wasm'), says('new'));
    await loading;
    await Promise.all([host.close(), host.close()]);
    expect(host.stats().threads).toBe(0);
  });

  it('at any moment of a change', async () => {
    for (let turn = 0; turn < 12; turn++) {
      const { host, own } = await openFolder();
      truncateSync(join(own, 'plugin.wasm'), 8);
      writeFileSync(join(own, 'plugin.wasm'), says('new'));
      for (let tick = 0; tick < turn * 3; tick++) await new Promise((resolve) => setImmediate(resolve));
      await host.close();
    }
  });

  it('and what lies in memory is not watched', async () => {
    const host = await open({ catalog: [plugin('p', lab)] });
    await host.load('p');
    expect((await host.call('p', 'echo', 'x')).text()).toBe('x');
  });
});

describe('a hundred plugins in one folder', () => {
  it('are each reloaded once when all of them change', async () => {
    const folder = temporaryFolder();
    const names = Array.from({ length: 100 }, (_, i) => `p${i}`);
    writePlugin(join(folder, 'p0'), says('old'), { name: 'p0' });
    for (const name of names.slice(1)) {
      cpSync(join(folder, 'p0'), join(folder, name), { recursive: true });
      writePlugin(join(folder, name), says('old'), { name });
    }
    const host = await open({ catalog: [folder] });
    await host.load(names);
    const left = new Set(names);
    const events = collect(host, 'plugin:reloaded');
    const all = next(host, 'plugin:reloaded', ({ plugin: name }) => left.delete(name) && left.size === 0);
    for (const name of names) {
      unlinkSync(join(folder, name, 'plugin.wasm'));
      writeFileSync(join(folder, name, 'plugin.wasm'), says('new'));
    }
    await all;
    expect(events).toHaveLength(100);
    expect(await say(host, 'p99')).toBe('new');
  });
});

it('a watched plugin with other bytes than those that are locked stays as it is', async () => {
  const folder = temporaryFolder();
  writePlugin(join(folder, 'p'), says('old'), { name: 'p' });
  const host = await open({ catalog: [folder], lockfile: join(temporaryFolder(), 'plugins.lock.json') });
  await host.load('p');
  const problem = warned(host);
  writeFileSync(join(folder, 'p', 'plugin.wasm'), says('new'));
  expect(await problem).toMatchObject({ plugin: 'p', code: 'ERR_INTEGRITY' });
  expect(await say(host)).toBe('old');
  const event = reloaded(host);
  writePlugin(join(folder, 'p'), says('new'), { name: 'p', version: '1.0.1' });
  await event;
  expect(await say(host)).toBe('new');
});
