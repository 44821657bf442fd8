import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fn, guest } from '../fixtures/guests/guest.js';
import { badHook, caller, ECHO, hooks, lab, trapsAtStart } from '../fixtures/guests/guests.js';
import { collect, next, openHost, plugin, rejection } from './open-host.js';
import { temporaryFolder, writePlugin } from './plugin-folder.js';

/** A guest that says this, whatever it is asked. */
const says = (word: string) => guest((text) => `${ECHO} ${fn('say', `(call $reply ${text(word)})`)}`);

/** A guest whose `migrate` makes what it finds in its var one byte longer. */
const grows = guest(
  (text) => `
  ${fn('keep', `(call $var_set ${text('kept')} (call $input_offset))`)}
  ${fn('kept', `(call $reply (call $var_get ${text('kept')}))`)}
  ${fn('trap', '(unreachable)')}
  ${fn(
    'migrate',
    `(call $var_set ${text('kept')}
       (call $alloc (i64.add (call $length (call $var_get ${text('kept')})) (i64.const 1))))`,
  )}`,
);

const openFolder = async (wasm: Uint8Array, manifest: object = {}, options = {}) => {
  const folder = temporaryFolder();
  writePlugin(join(folder, 'p'), wasm, { name: 'p', ...manifest });
  const host = await openHost({ catalog: [folder], ...options });
  return { folder, host, p: await host.load('p') };
};

describe('a reload', () => {
  it('takes the files as they are now', async () => {
    const { folder, host, p } = await openFolder(says('old'));
    expect((await p.call('say')).text()).toBe('old');
    writePlugin(join(folder, 'p'), says('new'), { name: 'p' });
    const unloaded = next(host, 'plugin:unloaded');
    const reloaded = next(host, 'plugin:reloaded');
    await p.reload();
    expect((await p.call('say')).text()).toBe('new');
    expect(await reloaded).toMatchObject({ plugin: 'p', version: '1.0.0', fromVersion: '1.0.0' });
    await unloaded;
    expect(host.list()).toHaveLength(1);
  });

  it('takes the newest version, or the one that is asked for', async () => {
    const { folder, host, p } = await openFolder(says('1.0.0'));
    writePlugin(join(folder, 'p2'), says('1.1.0'), { name: 'p', version: '1.1.0' });
    writePlugin(join(folder, 'p3'), says('2.0.0'), { name: 'p', version: '2.0.0' });
    await host.reload('p', { to: '^1.1' });
    expect([p.version, (await p.call('say')).text()]).toEqual(['1.1.0', '1.1.0']);
    await host.reload('p');
    expect([p.version, (await p.call('say')).text()]).toEqual(['2.0.0', '2.0.0']);
    await host.reload('p', { to: '1.0.0' });
    expect([p.version, (await p.call('say')).text()]).toEqual(['1.0.0', '1.0.0']);
  });

  it('stays within the range that was asked for at first', async () => {
    const folder = temporaryFolder();
    writePlugin(join(folder, 'p'), says('1.0.0'), { name: 'p' });
    const host = await openHost({ catalog: [folder] });
    const p = await host.load('p@^1');
    writePlugin(join(folder, 'p2'), says('1.1.0'), { name: 'p', version: '1.1.0' });
    writePlugin(join(folder, 'p3'), says('2.0.0'), { name: 'p', version: '2.0.0' });
    await p.reload();
    expect(p.version).toBe('1.1.0');
    await p.reload({ to: '2' });
    expect(p.version).toBe('2.0.0');
  });

  it('takes a plugin that was loaded by its path from there again', async () => {
    const folder = temporaryFolder();
    const path = writePlugin(folder, says('old'), { name: 'p' });
    const host = await openHost();
    const p = await host.load(path);
    writePlugin(folder, says('new'), { name: 'p', version: '1.2.0' });
    await p.reload();
    expect([p.version, (await p.call('say')).text()]).toEqual(['1.2.0', 'new']);
  });

  it('loses no call that is made meanwhile', async () => {
    const { folder, host, p } = await openFolder(says('old'));
    writePlugin(join(folder, 'p2'), says('new'), { name: 'p', version: '1.1.0' });
    const answers: string[] = [];
    let going = true;
    const callers = Array.from({ length: 10 }, async () => {
      while (going) answers.push((await p.call('say')).text());
    });
    await host.reload('p');
    const after = answers.length;
    answers.push((await p.call('say')).text());
    going = false;
    await Promise.all(callers);
    expect(new Set(answers)).toEqual(new Set(['old', 'new']));
    expect(answers.slice(after).includes('new')).toBe(true);
    expect(host.stats().errors).toBe(0);
  });

  it('lets a call of the old version end', async () => {
    const { folder, host, p } = await openFolder(lab);
    const running = next(host, 'plugin:running');
    const call = rejection(p.call('spin', '', { timeoutMs: 300 }));
    await running;
    writePlugin(join(folder, 'p2'), says('new'), { name: 'p', version: '1.1.0' });
    await host.reload('p');
    expect((await p.call('say')).text()).toBe('new');
    expect((await call).code).toBe('ERR_TIMEOUT');
  });

  it('hands the vars on, and tells the new version what came before', async () => {
    const { folder, host, p } = await openFolder(lab);
    await p.call('keep', 'kept by the old');
    writePlugin(join(folder, 'p2'), lab, { name: 'p', version: '1.1.0' });
    await host.reload('p');
    expect((await p.call('kept')).text()).toBe('kept by the old');
    const lines = collect(host, 'log');
    writePlugin(join(folder, 'p3'), hooks, { name: 'p', version: '1.2.0' });
    await host.reload('p');
    expect(lines.map(({ message }) => message)).toEqual(['activated', '{"fromVersion":"1.1.0"}']);
  });

  it('migrates the vars of each tenant once, however often the instance is lost after that', async () => {
    const { folder, host, p } = await openFolder(lab);
    await p.call('keep', 'abc');
    await p.call('keep', 'de', { tenant: 't' });
    writePlugin(join(folder, 'p2'), grows, { name: 'p', version: '2.0.0' });
    await host.reload('p');
    const kept = async (tenant?: string) => (await p.call('kept', '', tenant ? { tenant } : {})).byteLength;
    expect([await kept(), await kept('t')]).toEqual([4, 3]);
    await p.call('keep', 'new');
    for (const tenant of [undefined, 't']) {
      expect((await rejection(p.call('trap', '', tenant ? { tenant } : {}))).code).toBe('ERR_TRAP');
    }
    expect([await kept(), await kept('t')]).toEqual([3, 3]);
  });

  it('tells the version that a tenant’s vars are of, where it slept through those between', async () => {
    const { folder, host, p } = await openFolder(lab);
    await p.call('keep', 'abc', { tenant: 't' });
    writePlugin(join(folder, 'p2'), lab, { name: 'p', version: '2.0.0' });
    await host.reload('p');
    writePlugin(join(folder, 'p2'), hooks, { name: 'p', version: '2.0.0' });
    await host.reload('p');
    const lines = collect(host, 'log');
    await p.call('echo', '', { tenant: 't' });
    expect(lines.map(({ message }) => message)).toEqual(['activated', '{"fromVersion":"1.0.0"}']);
    lines.length = 0;
    writePlugin(join(folder, 'p3'), hooks, { name: 'p', version: '3.0.0' });
    await host.reload('p');
    await p.call('echo', '', { tenant: 't' });
    expect(lines.map(({ message }) => message).filter((line) => line.includes('from'))).toEqual([
      '{"fromVersion":"2.0.0"}',
      '{"fromVersion":"2.0.0"}',
    ]);
  });

  it('migrates what is nobody’s vars once, however many instances start together', async () => {
    const folder = temporaryFolder();
    const lazy = { name: 'p', activation: 'call' };
    writePlugin(join(folder, 'p'), lab, lazy);
    const host = await openHost({ catalog: [folder] });
    const p = await host.load('p');
    await p.call('keep', 'abc', { tenant: 'old' });
    writePlugin(join(folder, 'p2'), hooks, { ...lazy, version: '2.0.0' });
    await host.reload('p');
    const lines = collect(host, 'log');
    await Promise.all(['a', 'b', 'old', 'c'].map((tenant) => p.call('echo', '', { tenant })));
    await p.call('echo', '', { tenant: 'd' });
    expect(lines.filter(({ message }) => message === '{"fromVersion":"1.0.0"}')).toHaveLength(2);
    expect(lines.filter(({ message }) => message === 'activated')).toHaveLength(5);
  });

  it('hands on the vars that a start has set', async () => {
    const { folder, host, p } = await openFolder(hooks);
    writePlugin(join(folder, 'p2'), lab, { name: 'p', version: '2.0.0' });
    await host.reload('p');
    expect((await p.call('kept')).text()).toBe('by on_activate');
  });

  it('of a dependency leaves those who depend on it, and they call the new one', async () => {
    const folder = temporaryFolder();
    writePlugin(join(folder, 'base'), says('old'), { name: 'base' });
    writePlugin(join(folder, 'top'), caller({ go: ['base', 'say'] }), {
      name: 'top',
      dependencies: { base: '^1' },
    });
    const host = await openHost({ catalog: [folder] });
    const top = await host.load('top');
    expect((await top.call('go')).text()).toBe('old');
    writePlugin(join(folder, 'base2'), says('new'), { name: 'base', version: '1.1.0' });
    await host.reload('base');
    expect((await top.call('go')).text()).toBe('new');
    expect(host.list().map(({ name }) => name)).toEqual(['base', 'top']);
  });

  it('to a version that those who depend on it cannot use is refused', async () => {
    const folder = temporaryFolder();
    writePlugin(join(folder, 'base'), says('old'), { name: 'base' });
    writePlugin(join(folder, 'top'), caller({ go: ['base', 'say'] }), {
      name: 'top',
      dependencies: { base: '^1' },
    });
    const host = await openHost({ catalog: [folder] });
    const top = await host.load('top');
    writePlugin(join(folder, 'base2'), says('new'), { name: 'base', version: '2.0.0' });
    expect((await rejection(host.reload('base', { to: '^2' }))).code).toBe('ERR_RESOLUTION');
    expect((await top.call('go')).text()).toBe('old');
  });
});

describe('a reload that fails leaves the old version serving:', () => {
  it.each([
    ['bytes that are no module', new Uint8Array([1, 2, 3]), 'ERR_BYTECODE'],
    ['a start that traps', trapsAtStart, 'ERR_TRAP'],
    ['on_activate that refuses', badHook('on_activate'), 'ERR_GUEST'],
    ['migrate that refuses', badHook('migrate'), 'ERR_GUEST'],
  ])('%s', async (_, wasm, code) => {
    const { folder, host, p } = await openFolder(says('old'));
    writePlugin(join(folder, 'p2'), wasm, { name: 'p', version: '1.1.0' });
    expect((await rejection(host.reload('p'))).code).toBe(code);
    expect([p.version, p.state]).toEqual(['1.0.0', 'ready']);
    expect((await p.call('say')).text()).toBe('old');
    expect(host.stats().instances).toBe(1);
    writePlugin(join(folder, 'p2'), says('new'), { name: 'p', version: '1.1.0' });
    await host.reload('p');
    expect((await p.call('say')).text()).toBe('new');
  });

  it('a version that does not exist', async () => {
    const { host, p } = await openFolder(says('old'));
    expect((await rejection(host.reload('p', { to: '^9' }))).code).toMatch(/^ERR_(RESOLUTION|NOT_FOUND)$/);
    expect((await p.call('say')).text()).toBe('old');
  });

  it('an abort', async () => {
    const { host, p } = await openFolder(says('old'));
    const error = await rejection(host.reload('p', { signal: AbortSignal.abort() }));
    expect(error.code).toBe('ERR_ABORTED');
    expect((await p.call('say')).text()).toBe('old');
  });

  it('a manifest that is broken by now', async () => {
    const { folder, host, p } = await openFolder(says('old'));
    writePlugin(join(folder, 'p'), says('new'), { name: 'p', version: 'not a version' });
    expect((await rejection(host.reload('p'))).code).toMatch(/^ERR_(MANIFEST|NOT_FOUND|RESOLUTION)$/);
    expect((await p.call('say')).text()).toBe('old');
  });
});

describe('a reload of what is not loaded', () => {
  it('is an error', async () => {
    const host = await openHost({ catalog: [plugin('p', lab)] });
    expect((await rejection(host.reload('p'))).code).toBe('ERR_NOT_FOUND');
  });
});
