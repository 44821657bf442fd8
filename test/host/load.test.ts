import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { InMemoryPlugin } from 'cordon';
import { describe, expect, it } from 'vitest';
import { guest } from '../fixtures/guests/guest.js';
import { ECHO, hooks, lab, spinsAtStart, trapsAtStart } from '../fixtures/guests/guests.js';
import { concat, custom, wat } from '../wasm/wat.js';
import { collect, openHost, plugin, rejection } from './open-host.js';
import { temporaryFolder, writePlugin } from './plugin-folder.js';

const echo = guest(() => ECHO);
const versions = (name: string, ...all: readonly string[]): InMemoryPlugin[] =>
  all.map((version) => plugin(name, echo, { version }));

describe('loading by name', () => {
  it('takes the newest version that satisfies the range', async () => {
    const host = await openHost({ catalog: versions('a', '1.0.0', '1.3.0', '2.0.0', '1.2.9') });
    const loaded = await host.load('a@^1.2');
    expect(loaded).toMatchObject({ name: 'a', version: '1.3.0', state: 'ready' });
    expect(host.list().map(({ name }) => name)).toEqual(['a']);
  });

  it('takes the newest version where no range is given', async () => {
    const host = await openHost({ catalog: versions('@acme/a', '1.0.0', '2.0.0') });
    expect((await host.load('@acme/a')).version).toBe('2.0.0');
  });

  it('says which versions there are where none satisfies the range', async () => {
    const host = await openHost({ catalog: versions('a', '1.0.0', '2.0.0') });
    const error = await rejection(host.load('a@^3'));
    expect(error.code).toBe('ERR_RESOLUTION');
    expect(error.message).toContain('2.0.0');
  });

  it('says the nearest name where there is none of this', async () => {
    const host = await openHost({ catalog: versions('markdown', '1.0.0') });
    const error = await rejection(host.load('markdwn'));
    expect(error.code).toBe('ERR_NOT_FOUND');
    expect(error.message).toContain('markdown');
    expect(() => host.plugin('markdwn')).toThrow(expect.objectContaining({ code: 'ERR_NOT_FOUND' }));
  });

  it.each(['', '@', 'a@', 'A', 'a b', 'a@not a range', '__proto__', '../x@1'])(
    'refuses %j as a spec',
    async (spec) => {
      const host = await openHost({ catalog: versions('a', '1.0.0') });
      expect((await rejection(host.load(spec))).code).toMatch(/^ERR_(OPTIONS|MANIFEST|NOT_FOUND)$/);
      expect(host.list()).toEqual([]);
    },
  );

  it.each([[null], [undefined], [1], [{}], [{ manifest: {} }], [[['a']]], [Symbol('a')]])(
    'refuses a spec that is %s',
    async (spec) => {
      const host = await openHost();
      expect((await rejection(host.load(spec as never))).code).toBe('ERR_OPTIONS');
    },
  );

  it('refuses options that it does not know, naming them', async () => {
    const host = await openHost({ catalog: versions('a', '1.0.0') });
    const error = await rejection(host.load('a', { singal: undefined } as never));
    expect(error.code).toBe('ERR_OPTIONS');
    expect(error.message).toContain('"signal"');
  });
});

describe('dependencies', () => {
  it('are loaded and activated first, each once', async () => {
    const host = await openHost({
      catalog: [
        plugin('app', hooks, { dependencies: { left: '^1', right: '^1' } }),
        plugin('left', hooks, { dependencies: { base: '^1' } }),
        plugin('right', hooks, { dependencies: { base: '>=1.0.0' } }),
        plugin('base', hooks),
      ],
    });
    const activated: string[] = [];
    host.on('log', ({ plugin: name, message }) => {
      if (message === 'activated') activated.push(name);
    });
    const ready = collect(host, 'plugin:ready');
    await host.load('app');
    expect(activated).toEqual(['base', 'left', 'right', 'app']);
    expect(ready.map(({ plugin: name }) => name)).toEqual(['base', 'left', 'right', 'app']);
    expect(host.info('app').dependencies).toEqual({ left: 'left', right: 'right' });
    expect(host.info('base').dependents).toEqual(['left', 'right']);
  });

  it('come in the same order whatever the order of the catalog', async () => {
    const catalog = [
      plugin('app', echo, { dependencies: { left: '*', right: '*' } }),
      plugin('right', echo, { dependencies: { base: '*' } }),
      plugin('base', echo),
      plugin('left', echo),
    ];
    const orders = [];
    for (const order of [catalog, [...catalog].reverse()]) {
      const host = await openHost({ catalog: order });
      await host.load('app');
      orders.push(host.list().map(({ name }) => name));
    }
    expect(orders[0]).toEqual(orders[1]);
  });

  it('may be what another plugin provides', async () => {
    const host = await openHost({
      catalog: [
        plugin('app', echo, { dependencies: { renderer: '^1' } }),
        plugin('fancy', echo, { provides: { renderer: '1.4.0' } }),
      ],
    });
    await host.load('app');
    expect(host.info('app').dependencies).toEqual({ renderer: 'fancy' });
  });

  it('that are optional are left out where they cannot be had', async () => {
    const host = await openHost({
      catalog: [plugin('app', echo, { optionalDependencies: { extra: '^2' } }), plugin('extra', echo)],
    });
    await host.load('app');
    expect(host.list().map(({ name }) => name)).toEqual(['app']);
  });

  it('that are missing are named, and nothing is loaded', async () => {
    const host = await openHost({ catalog: [plugin('app', echo, { dependencies: { gone: '^1' } })] });
    const error = await rejection(host.load('app'));
    expect(error.code).toMatch(/^ERR_(RESOLUTION|NOT_FOUND)$/);
    expect(error.message).toContain('gone');
    expect(host.list()).toEqual([]);
  });

  it('in a circle are an error that names the circle', async () => {
    const host = await openHost({
      catalog: [
        plugin('a', echo, { dependencies: { b: '*' } }),
        plugin('b', echo, { dependencies: { c: '*' } }),
        plugin('c', echo, { dependencies: { a: '*' } }),
      ],
    });
    const error = await rejection(host.load('a'));
    expect(error.code).toBe('ERR_CYCLE');
    for (const name of ['a', 'b', 'c']) expect(error.message).toContain(name);
  });

  it('that contradict each other are explained as a chain of reasons', async () => {
    const host = await openHost({
      catalog: [
        plugin('app', echo, { dependencies: { left: '*', right: '*' } }),
        plugin('left', echo, { dependencies: { base: '^1' } }),
        plugin('right', echo, { dependencies: { base: '^2' } }),
        ...versions('base', '1.0.0', '2.0.0'),
      ],
    });
    const error = await rejection(host.load('app'));
    expect(error.code).toBe('ERR_RESOLUTION');
    const { explanation } = error as typeof error & { explanation: unknown };
    expect(explanation).toBeTruthy();
    for (const name of ['left', 'right', 'base']) expect(error.message).toContain(name);
  });

  it('are settled together with what is loaded already', async () => {
    const host = await openHost({
      catalog: [...versions('base', '1.0.0', '2.0.0'), plugin('new', echo, { dependencies: { base: '^2' } })],
    });
    await host.load('base@^1');
    const error = await rejection(host.load('new'));
    expect(error.code).toBe('ERR_RESOLUTION');
    expect(error.message).toContain('1.0.0');
    expect(host.list().map(({ name, version }) => `${name}@${version}`)).toEqual(['base@1.0.0']);
  });
});

describe('engines', () => {
  it('that this host has are taken', async () => {
    const needs = plugin('a', echo, { engines: { cordon: '>=0.1.0', 'acme-notes': '^3.1' } });
    const host = await openHost({ catalog: [needs], api: { 'acme-notes': '3.4.0' } });
    expect((await host.load('a')).state).toBe('ready');
  });

  it.each([{ cordon: '^99' }, { 'acme-notes': '^4' }, { unheard: '*' }])(
    'such as %j are refused',
    async (engines) => {
      const host = await openHost({
        catalog: [plugin('a', echo, { engines: engines as never })],
        api: { 'acme-notes': '3.4.0' },
      });
      const error = await rejection(host.load('a'));
      expect(error.code).toMatch(/^ERR_(ENGINE|RESOLUTION)$/);
      expect(error.message).toContain(Object.keys(engines)[0]);
    },
  );

  it('make an older version the right one', async () => {
    const host = await openHost({
      catalog: [
        plugin('a', echo, { version: '1.0.0' }),
        plugin('a', echo, { version: '2.0.0', engines: { cordon: '^99' } }),
      ],
    });
    expect((await host.load('a')).version).toBe('1.0.0');
  });
});

describe('a load of several', () => {
  it('gives handles in the order of the specs', async () => {
    const host = await openHost({ catalog: [...versions('a', '1.0.0'), ...versions('b', '1.0.0')] });
    const handles = await host.load(['b', 'a']);
    expect(handles.map(({ name }) => name)).toEqual(['b', 'a']);
  });

  it('of none gives none', async () => {
    const host = await openHost();
    expect(await host.load([])).toEqual([]);
  });

  it('refuses two plugins of one name, and takes the same one twice', async () => {
    const host = await openHost();
    const one = plugin('a', echo, { version: '1.0.0' });
    const path = writePlugin(temporaryFolder(), echo, { name: 'b' });
    const error = await rejection(host.load([one, plugin('a', echo, { version: '2.0.0' })]));
    expect(error).toMatchObject({ code: 'ERR_OPTIONS', plugin: 'a' });
    expect(error.message).toContain('1.0.0 (memory: a) and 2.0.0 (memory: a)');
    expect(host.list()).toEqual([]);
    const handles = await host.load([one, one, path, pathToFileURL(path)]);
    expect(handles.map(({ name }) => name)).toEqual(['a', 'a', 'b', 'b']);
  });

  it('is all or nothing', async () => {
    const host = await openHost({
      catalog: [
        plugin('good', hooks),
        plugin('bad', trapsAtStart, { dependencies: { good: '*' } }),
        plugin('before', hooks),
      ],
    });
    await host.load('before');
    const states = collect(host, 'lifecycle');
    const error = await rejection(host.load('bad'));
    expect(error).toMatchObject({ code: 'ERR_TRAP', plugin: 'bad', version: '1.0.0' });
    expect(host.list().map(({ name }) => name)).toEqual(['before']);
    expect(states.filter(({ plugin: name }) => name === 'good').map(({ to }) => to)).toEqual([
      'loading',
      'ready',
      'draining',
      'unloaded',
    ]);
    expect(states.filter(({ plugin: name }) => name === 'bad').map(({ to }) => to)).toEqual([
      'loading',
      'failed',
      'unloaded',
    ]);
    expect(host.stats().instances).toBe(1);
    expect((await rejection(host.call('good', 'echo'))).code).toBe('ERR_NOT_FOUND');
  });

  it('can be done again after it failed', async () => {
    const folder = temporaryFolder();
    writePlugin(join(folder, 'a'), trapsAtStart, { name: 'a' });
    const host = await openHost({ catalog: [folder] });
    await rejection(host.load('a'));
    writePlugin(join(folder, 'a'), echo, { name: 'a' });
    expect((await (await host.load(join(folder, 'a', 'plugin.json'))).call('echo', 'x')).text()).toBe('x');
  });
});

describe('loading the same plugin', () => {
  it('twice gives the one that is there', async () => {
    const host = await openHost({ catalog: versions('a', '1.0.0', '1.1.0') });
    const [first, second] = [await host.load('a@1.0.0'), await host.load('a@^1')];
    expect([first.version, second.version]).toEqual(['1.0.0', '1.0.0']);
    expect(host.stats().instances).toBe(1);
  });

  it('at the same time loads it once', async () => {
    const host = await openHost({ catalog: versions('a', '1.0.0') });
    const ready = collect(host, 'plugin:ready');
    const handles = await Promise.all(Array.from({ length: 20 }, () => host.load('a')));
    expect(handles).toHaveLength(20);
    expect(ready).toHaveLength(1);
    expect(host.stats().instances).toBe(1);
  });

  it('at the same time as a broken one loads it all the same', async () => {
    const host = await openHost({ catalog: [...versions('a', '1.0.0'), plugin('bad', trapsAtStart)] });
    const results = await Promise.allSettled([
      host.load('a'),
      host.load('bad'),
      host.load('a'),
      host.load('none'),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'rejected']);
  });

  it('under another name of the same bytes compiles once', async () => {
    const host = await openHost({ catalog: [...versions('a', '1.0.0'), ...versions('b', '1.0.0')] });
    await host.load(['a', 'b']);
    expect(host.stats().cache).toMatchObject({ hits: 1, misses: 1, entries: 1 });
  });

  it('keeps as many small modules as they really take, and not as many as their bytes would allow', async () => {
    const host = await openHost({ cache: { maxBytes: '128KiB' } });
    for (let i = 0; i < 8; i++) {
      const wasm = guest(() => `${ECHO} (func (export "number_${i}"))`);
      expect(wasm.length).toBeLessThan(2048);
      await host.load(plugin(`small-${i}`, wasm));
    }
    const { entries, bytes } = host.stats().cache;
    expect(entries).toBeLessThan(6);
    expect(bytes).toBeGreaterThan(entries * 24 * 1024);
    expect(bytes).toBeLessThanOrEqual(128 * 1024);
  });
});

describe('a catalog of directories', () => {
  it('is searched in order, and gives several versions', async () => {
    const folder = temporaryFolder();
    writePlugin(join(folder, 'one'), echo, { name: 'a', version: '1.0.0' });
    writePlugin(join(folder, 'two'), echo, { name: 'a', version: '1.1.0' });
    const host = await openHost({ catalog: [folder] });
    expect((await host.load('a@~1.0')).version).toBe('1.0.0');
    expect(host.info('a').origin).toContain(join(folder, 'one'));
  });

  it('reports a broken plugin and keeps the others', async () => {
    const folder = temporaryFolder();
    writePlugin(join(folder, 'good'), echo, { name: 'good' });
    mkdirSync(join(folder, 'bad'));
    writeFileSync(join(folder, 'bad', 'plugin.json'), '{ "name": 3 }');
    const host = await openHost({ catalog: [folder] });
    expect((await host.load('good')).state).toBe('ready');
    const broken = await host.broken();
    expect(broken.map(({ error }) => (error as { code?: string }).code)).toEqual(['ERR_MANIFEST']);
    expect(broken[0]!.origin).toContain('bad');
  });

  it('that is not there is an error that names the directory', async () => {
    const missing = join(temporaryFolder(), 'missing');
    const host = await openHost({ catalog: [missing, ...versions('a', '1.0.0')] });
    const error = await rejection(host.load('a'));
    expect(error.code).toBe('ERR_OPTIONS');
    expect(error.message).toContain(missing);
  });
});

describe('loading by place', () => {
  it('takes the path of a plugin.json, its folder and its URL', async () => {
    const folder = temporaryFolder();
    const path = writePlugin(folder, echo, { name: 'a' });
    for (const place of [path, `${folder}/`, pathToFileURL(path), pathToFileURL(path).href]) {
      const host = await openHost();
      expect((await host.load(place)).name).toBe('a');
    }
  });

  it('gives a bare module a name, no permissions and a version of nothing', async () => {
    const path = join(temporaryFolder(), 'My Module.wasm');
    writeFileSync(path, echo);
    const host = await openHost({ grants: { '*': { http: ['*'], env: ['PATH'] } } });
    const loaded = await host.load(path);
    expect(loaded).toMatchObject({ name: 'my-module', version: '0.0.0' });
    expect((await loaded.call('echo', 'x')).text()).toBe('x');
    expect(host.info('my-module').permissions).toMatchObject({
      http: [],
      env: [],
      hostFunctions: [],
      plugins: [],
    });
  });

  it('takes the manifest that a bare module carries', async () => {
    const manifest = { manifestVersion: 1, name: '@acme/inside', version: '3.1.4', keywords: ['carried'] };
    const path = join(temporaryFolder(), 'x.wasm');
    writeFileSync(path, concat(echo, custom('cordon.manifest', JSON.stringify(manifest))));
    const host = await openHost();
    expect(await host.load(path)).toMatchObject({ name: '@acme/inside', version: '3.1.4' });
    expect(host.list({ keyword: 'carried' })).toHaveLength(1);
  });

  it.each(['missing/plugin.json', './missing.wasm', '/nowhere/at/all/plugin.json'])(
    'says that there is nothing at %s',
    async (path) => {
      const host = await openHost();
      const error = await rejection(host.load(path));
      expect(error.code).toMatch(/^ERR_(MANIFEST|NOT_FOUND)$/);
    },
  );

  it('refuses the URL of a network', async () => {
    const host = await openHost();
    expect((await rejection(host.load('https://example.com/plugin.json'))).code).toBe('ERR_OPTIONS');
  });

  it('takes a plugin in memory, and owns its bytes', async () => {
    const bytes = new Uint8Array(echo);
    const host = await openHost();
    const loading = host.load(plugin('a', bytes, { activation: 'call' }));
    const loaded = await loading;
    bytes.fill(0);
    expect((await loaded.call('echo', 'still')).text()).toBe('still');
  });
});

describe('a module', () => {
  const load = async (wasm: Uint8Array, manifest = {}, options = {}) => {
    const host = await openHost(options);
    return rejection(host.load(plugin('a', wasm, manifest)));
  };

  it.each([
    ['empty', new Uint8Array()],
    ['no module', new TextEncoder().encode('hello, this is text')],
    ['cut off', echo.slice(0, echo.length - 7)],
    ['of another version', Uint8Array.from([0, 0x61, 0x73, 0x6d, 9, 0, 0, 0])],
    ['a component', Uint8Array.from([0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0])],
  ])('that is %s is refused', async (_, bytes) => {
    expect((await load(bytes)).code).toBe('ERR_BYTECODE');
  });

  it('whose bytes are not the stated ones is refused', async () => {
    const integrity = `sha256-${createHash('sha256').update('something else').digest('base64')}`;
    const folder = temporaryFolder();
    const path = writePlugin(folder, echo, { name: 'a', wasm: { path: 'plugin.wasm', integrity } });
    const host = await openHost();
    const violations = collect(host, 'violation');
    expect(await rejection(host.load(path))).toMatchObject({ code: 'ERR_INTEGRITY', plugin: 'a' });
    expect(violations).toMatchObject([{ plugin: 'a', kind: 'integrity', severity: 'critical' }]);
  });

  it('whose bytes are the stated ones is taken', async () => {
    const integrity = `sha256-${createHash('sha256').update(echo).digest('base64')}`;
    const path = writePlugin(temporaryFolder(), echo, {
      name: 'a',
      wasm: { path: 'plugin.wasm', integrity },
    });
    const host = await openHost();
    await host.load(path);
    expect(host.info('a').integrity).toContain(integrity);
  });

  it('that is too large is refused', async () => {
    const error = await load(lab, {}, { validation: { maxModuleBytes: 100 } });
    expect(error.code).toBe('ERR_MODULE_TOO_LARGE');
  });

  it('that imports what nobody provides is refused before anything runs', async () => {
    const error = await load(wat('(module (import "extism:host/user" "nobody" (func)) (func (export "x")))'));
    expect(error.code).toBe('ERR_IMPORT');
    expect(error.message).toContain('nobody');
  });

  it.each([
    '(import "extism:host/env" "alloc" (func (param i32) (result i32)))',
    '(import "extism:host/env" "eval" (func))',
    '(import "env" "memory" (memory 1))',
    '(import "wasi_snapshot_preview1" "fd_write" (func))',
    '(import "cordon:meter" "out_of_fuel" (func (result i32)))',
    '(import "__proto__" "constructor" (func))',
  ])('with %s is refused', async (entry) => {
    expect((await load(wat(`(module ${entry} (func (export "x")))`))).code).toMatch(
      /^ERR_(IMPORT|BYTECODE)$/,
    );
  });

  it('without an export that its manifest describes is refused', async () => {
    const error = await load(echo, { exports: { render: {} } });
    expect(error.code).toBe('ERR_MANIFEST');
    expect(error.message).toContain('render');
  });

  it('of a feature that is not allowed is refused', async () => {
    const simd = guest(() => `(func (export "x") (drop (v128.const i64x2 0 0)))`);
    const error = await load(simd, {}, { validation: { features: [] } });
    expect(error.code).toBe('ERR_FEATURE');
    expect(error.message).toContain('simd');
  });

  it('that does not start in its time is stopped, and the host lives', async () => {
    const host = await openHost();
    const spins = plugin('a', spinsAtStart, { limits: { startTimeoutMs: 100 } });
    expect((await rejection(host.load(spins))).code).toBe('ERR_TIMEOUT');
    expect((await (await host.load(plugin('b', echo))).call('echo', 'alive')).text()).toBe('alive');
  });
});

describe('a load that is called off', () => {
  it('before it begins rejects with the reason', async () => {
    const host = await openHost({ catalog: versions('a', '1.0.0') });
    const reason = new Error('changed my mind');
    const error = await rejection(host.load('a', { signal: AbortSignal.abort(reason) }));
    expect(error).toMatchObject({ code: 'ERR_ABORTED', cause: reason });
    expect(host.list()).toEqual([]);
  });

  it('on its way takes down what it brought up', async () => {
    const controller = new AbortController();
    const host = await openHost({
      catalog: [plugin('app', echo, { dependencies: { base: '*' } }), plugin('base', echo)],
    });
    host.once('plugin:ready', () => controller.abort());
    expect((await rejection(host.load('app', { signal: controller.signal }))).code).toBe('ERR_ABORTED');
    expect(host.list()).toEqual([]);
    expect(host.stats().instances).toBe(0);
  });
});

describe('resolve', () => {
  it('tells what a load would do and loads nothing', async () => {
    const host = await openHost({
      catalog: [plugin('app', echo, { dependencies: { base: '^1' } }), ...versions('base', '1.0.0', '1.5.0')],
    });
    const { plugins } = await host.resolve('app');
    expect(plugins.map(({ name, version, loaded }) => [name, version, loaded])).toEqual([
      ['base', '1.5.0', false],
      ['app', '1.0.0', false],
    ]);
    expect(host.list()).toEqual([]);
  });
});

it('a plugin whose files were mended is found, by the load after one that failed and after a reload that did', async () => {
  const folder = temporaryFolder();
  const manifest = writePlugin(join(folder, 'p'), echo, { name: 'p' });
  const whole = readFileSync(manifest);
  const host = await openHost({ catalog: [folder] });
  writeFileSync(manifest, whole.subarray(0, 20));
  expect((await rejection(host.load('p'))).message).toContain('is broken');
  writeFileSync(manifest, whole);
  await host.load('p');
  writeFileSync(manifest, whole.subarray(0, 20));
  expect((await rejection(host.reload('p'))).code).toMatch(/^ERR_/);
  writeFileSync(manifest, whole);
  await host.unload('p');
  await host.load('p');
  expect((await host.call('p', 'echo', 'mended')).text()).toBe('mended');
});
