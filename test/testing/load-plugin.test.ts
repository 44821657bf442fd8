import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { defineHostFunction } from 'cordon';
import { loadPlugin, mockHostFunction, type TestOptions, type TestPlugin } from 'cordon/testing';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import 'cordon/testing/vitest';
import { files as filesGuest } from '../fixtures/guests/files.js';
import { toI32 } from '../fixtures/guests/guest.js';
import { caller, hooks, hostCaller, lab } from '../fixtures/guests/guests.js';
import { wasi } from '../fixtures/guests/wasi.js';
import { deferred, plugin, rejection } from '../host/open-host.js';

async function open(
  wasm: Uint8Array,
  manifest: Parameters<typeof plugin>[2] = {},
  options: TestOptions = {},
): Promise<TestPlugin> {
  const loaded = await loadPlugin(plugin('tested', wasm, manifest), options);
  onTestFinished(() => loaded.close());
  return loaded;
}

describe('a call', () => {
  it('tells its output, fuel, memory, and nothing that did not happen', async () => {
    const tested = await open(lab);
    const call = await tested.call('echo', 'hello');
    expect([call.ok, call.text(), call.error]).toEqual([true, 'hello', undefined]);
    expect(call.fuel).toBeGreaterThan(0);
    expect(call.memoryBytes).toBeGreaterThanOrEqual(65_536);
    expect([call.logs, call.violations, call.httpRequests, call.hostFunctionCalls]).toEqual([[], [], [], []]);
    expect((await tested.call('echo', { a: 1 })).json()).toEqual({ a: 1 });
    expect([tested.name, tested.version, tested.manifest.name]).toEqual(['tested', '1.0.0', 'tested']);
    expect(tested.exports).toContain('echo');
  });

  it('that fails is a result, whose output throws the error', async () => {
    const tested = await open(lab);
    const call = await tested.call('fail');
    expect(call.ok).toBe(false);
    expect(call).toFailWith('ERR_GUEST', 'it did not work out');
    expect(() => call.text()).toThrow('it did not work out');
    expect(await tested.call('trap')).toFailWith('ERR_TRAP');
  });

  it('that is a mistake of the test rejects', async () => {
    const tested = await open(lab);
    expect(await rejection(tested.call('ecco'))).toMatchObject({ code: 'ERR_NO_EXPORT' });
    expect(await rejection(tested.call('echo', 'x', { timeoutMs: -1 }))).toMatchObject({
      code: 'ERR_OPTIONS',
    });
  });

  it('keeps its own logs and violations, also among many at a time', async () => {
    const tested = await open(lab, { instance: { pool: 3 } });
    const texts = Array.from({ length: 30 }, (_, index) => `line ${index}`);
    const calls = await Promise.all(texts.map((text) => tested.call('log', text)));
    expect(calls.map(({ logs }) => new Set(logs.map(({ message }) => message)))).toEqual(
      texts.map((text) => new Set([text])),
    );
    expect(calls[0]!.logs.map(({ level }) => level)).toEqual(['trace', 'debug', 'info', 'warn', 'error']);
    const [bad, good] = await Promise.all([tested.call('bad_output'), tested.call('echo', 'x')]);
    expect(bad).toViolate('abi');
    expect(good).not.toViolate();
  });

  it('that violates again and again is never quarantined', async () => {
    const tested = await open(lab);
    for (let i = 0; i < 5; i++) expect(await tested.call('bad_output')).toViolate('abi');
    expect((await tested.call('echo', 'still there')).text()).toBe('still there');
  });
});

describe('host functions', () => {
  it('are mocks whose calls are written down, in the call that made them', async () => {
    const answer = vi.fn((key: string) => `value of ${key}`);
    const hostFunctions = { kv_read: mockHostFunction({ params: ['text'], result: 'text' }, answer) };
    const tested = await open(
      hostCaller('kv_read'),
      { permissions: { hostFunctions: ['kv_read'] } },
      { hostFunctions },
    );
    const call = await tested.call('twice', 'a');
    expect(call.text()).toBe('value of value of a');
    expect(call.hostFunctionCalls).toEqual([
      { name: 'kv_read', args: ['a'], result: 'value of a', error: undefined },
      { name: 'kv_read', args: ['value of a'], result: 'value of value of a', error: undefined },
    ]);
    expect(answer).toHaveBeenCalledTimes(2);
    expect((await tested.call('echo', '')).hostFunctionCalls).toEqual([]);
  });

  it('may be a constant, a real definition, one with the types of a real one, or fail', async () => {
    const real = defineHostFunction({ params: ['text'], result: 'text' }, (text) => text.toUpperCase());
    const manifest = { permissions: { hostFunctions: ['f'] } };
    const cases: [TestOptions['hostFunctions'], string][] = [
      [{ f: mockHostFunction({ params: ['text'], result: 'text' }, 'constant') }, 'constant'],
      [{ f: real }, 'X'],
      [{ f: mockHostFunction(real, () => 'instead' as never) }, 'instead'],
      [{ 'extism:host/user': { f: real } }, 'X'],
    ];
    for (const [hostFunctions, text] of cases) {
      const tested = await open(hostCaller('f'), manifest, { hostFunctions: hostFunctions! });
      expect((await tested.call('host', 'x')).text()).toBe(text);
    }
    const fails = mockHostFunction({ params: ['text'], result: 'text' }, () => {
      throw new Error('no such key');
    });
    const tested = await open(hostCaller('f'), manifest, { hostFunctions: { f: fails } });
    const call = await tested.call('host', 'x');
    expect(call).toFailWith('ERR_HOST_FUNCTION', /no such key/);
    expect(call.hostFunctionCalls[0]).toMatchObject({ name: 'f', error: { message: 'no such key' } });
  });

  it('have to be there, and asked for', async () => {
    const load = (manifest: object, options?: TestOptions) =>
      rejection(loadPlugin(plugin('tested', hostCaller('f'), manifest), options));
    expect(await load({ permissions: { hostFunctions: ['f'] } })).toMatchObject({ code: 'ERR_IMPORT' });
    const hostFunctions = { f: mockHostFunction({ params: ['text'], result: 'text' }, '') };
    expect(await load({}, { hostFunctions })).toMatchObject({ code: 'ERR_PERMISSION' });
    expect(
      await load({ permissions: { hostFunctions: ['f'] } }, { hostFunctions, grants: {} }),
    ).toMatchObject({ code: 'ERR_PERMISSION' });
  });
});

describe('files', () => {
  const manifest = { permissions: { fs: { write: { '/data': '/nowhere' } } } };

  it('are there before, can be read afterwards, and are gone after the close', async () => {
    const tested = await loadPlugin(plugin('tested', wasi, manifest), { files: { '/data/in.txt': 'given' } });
    expect((await tested.call('read', 'in.txt')).text()).toBe('given');
    await tested.files.write('/data/deep/er.txt', new Uint8Array([104, 105]));
    expect((await tested.call('read', 'deep/er.txt')).text()).toBe('hi');
    expect((await tested.call('write', 'out.txt')).ok).toBe(true);
    expect(await tested.files.text('/data/out.txt')).toBe('written');
    expect(await tested.files.list()).toEqual(['/data/deep/er.txt', '/data/in.txt', '/data/out.txt']);
    expect(await rejection(tested.files.read('/data/none'))).toMatchObject({ code: 'ERR_NOT_FOUND' });
    // These guests never close what they open.
    expect(await rejection(tested.close())).toMatchObject({
      code: 'ERR_STATE',
      message: expect.stringContaining('files or folders that the guest left open: 3'),
    });
    await tested.close();
    expect(await rejection(tested.files.read('/data/in.txt'))).toMatchObject({ code: 'ERR_NOT_FOUND' });
  });

  it('are below a mount that the plugin asks for and has', async () => {
    const load = (files: TestOptions['files'], options: TestOptions = {}) =>
      rejection(loadPlugin(plugin('tested', wasi, manifest), { files: files!, ...options }));
    expect(await load({ '/etc/passwd': '' })).toMatchObject({
      code: 'ERR_OPTIONS',
      message: expect.stringContaining('it has /data'),
    });
    expect(await load({ '/data/../up': '' })).toMatchObject({ code: 'ERR_OPTIONS' });
    expect(await load({ '/data': '' })).toMatchObject({ code: 'ERR_OPTIONS' });
    expect(await load({ '/data/a': '' }, { grants: {} })).toMatchObject({ code: 'ERR_OPTIONS' });
    expect(await load({ '/data/a': 5 as never })).toMatchObject({ code: 'ERR_OPTIONS' });
  });

  it('in memory stay in memory, unless the test puts some there; a quota holds', async () => {
    const scratch = {
      permissions: { fs: { write: { '/tmp': { scratch: true, quotaBytes: 100_000 } } } },
    } as const;
    const alone = await open(filesGuest, scratch);
    expect(toI32((await alone.call('fill', new Uint8Array([1, 0, 0, 0]))).bytes())).toBe(0);
    expect(await alone.files.list()).toEqual([]);
    const given = await open(filesGuest, scratch, { files: { '/tmp/seen': 'x' } });
    expect(toI32((await given.call('fill', new Uint8Array([9, 0, 0, 0]))).bytes())).not.toBe(0);
    expect(await given.files.list()).toEqual(['/tmp/a', '/tmp/seen']);
  });

  it('that the plugin has no right to are a violation', async () => {
    const tested = await open(filesGuest, manifest);
    const call = await tested.call('leave');
    expect(call).toFailWith('ERR_PERMISSION');
    expect(call).toViolate('fs');
  });
});

describe('time, chance and environment', () => {
  const manifest = { permissions: { fs: { read: { '/data': 'x' } }, env: ['LANG', 'HOME'] } };
  const time = async (tested: TestPlugin) => {
    const bytes = (await tested.call('time')).bytes();
    return Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true) / 1_000_000n);
  };

  it('stands still, moves on when told, and is the same in every instance', async () => {
    const tested = await open(
      filesGuest,
      { ...manifest, instance: 'per-call' },
      { clock: new Date('2026-01-02T03:04:05Z') },
    );
    const start = Date.UTC(2026, 0, 2, 3, 4, 5);
    expect([await time(tested), await time(tested)]).toEqual([start, start]);
    tested.clock.advance(60_000);
    expect([await time(tested), tested.clock.now]).toEqual([start + 60_000, start + 60_000]);
    for (const wrong of [-1, Number.NaN, 'x' as never])
      expect(() => tested.clock.advance(wrong)).toThrow('advance');
  });

  it('is the machine’s where the test says so', async () => {
    const tested = await open(filesGuest, manifest, { clock: 'real', seed: false });
    expect(await time(tested)).toBeGreaterThan(Date.UTC(2025, 0));
    expect(() => tested.clock).toThrow("clock: 'real'");
  });

  it('random bytes are the same for the same seed', async () => {
    const bytes = async (options?: TestOptions) =>
      Buffer.from((await (await open(filesGuest, manifest, options)).call('random')).bytes()).toString('hex');
    const [first, again, other, real] = [
      await bytes(),
      await bytes(),
      await bytes({ seed: 'x' }),
      await bytes({ seed: false }),
    ];
    expect(again).toBe(first);
    expect(new Set([first, other, real]).size).toBe(3);
  });

  it('only variables that the test gives are there, of those that the plugin asks for', async () => {
    const tested = await open(
      wasi,
      { permissions: { env: ['LANG', 'HOME'] } },
      { env: { LANG: 'C', OTHER: 'x' } },
    );
    expect((await tested.call('environ')).text()).toBe('LANG=C\0');
  });

  it('config goes over the manifest’s', async () => {
    const tested = await open(lab, { config: { theme: 'light', size: '1' } }, { config: { theme: 'dark' } });
    expect((await tested.call('config', 'theme')).text()).toBe('dark');
    expect((await tested.call('config', 'size')).text()).toBe('1');
  });
});

it('what happens at the start is kept by itself', async () => {
  const tested = await open(hooks);
  expect(tested.startup.logs).toEqual([{ level: 'info', message: 'activated' }]);
  expect((await tested.call('echo', '')).logs).toEqual([]);
});

it('limits of the test hold', async () => {
  const tested = await open(lab, {}, { limits: { fuel: 10_000, memoryBytes: '1MiB' } });
  expect(await tested.call('spin')).toFailWith('ERR_FUEL');
});

it('dependencies come from a catalog, with all that they ask for', async () => {
  const catalog = [plugin('dep', lab)];
  const tested = await open(caller({ relay: ['dep', 'echo'] }), { dependencies: { dep: '*' } }, { catalog });
  expect((await tested.call('relay', 'over')).text()).toBe('over');
});

describe('a close', () => {
  it('after a call that nobody waited for rejects, and a further one resolves', async () => {
    const tested = await loadPlugin(plugin('tested', lab));
    const call = tested.call('spin');
    const error = await rejection(tested.close());
    expect(error).toMatchObject({
      code: 'ERR_STATE',
      details: { leaks: ['calls that nobody waited for: spin'] },
    });
    expect((await call).ok).toBe(false);
    await tested.close();
    expect(await rejection(tested.call('echo'))).toMatchObject({ code: 'ERR_CLOSED' });
    expect(tested.host.stats().threads).toBe(0);
  });

  it('while a mock has not answered rejects', async () => {
    const never = deferred<string>();
    const hostFunctions = { f: mockHostFunction({ params: ['text'], result: 'text' }, () => never.promise) };
    const tested = await loadPlugin(
      plugin('tested', hostCaller('f'), { permissions: { hostFunctions: ['f'] } }),
      { hostFunctions },
    );
    expect(await tested.call('host', 'x', { timeoutMs: 50 })).toFailWith('ERR_TIMEOUT');
    expect(() => tested.assertClean()).toThrow('host functions that have not returned: f');
    never.resolve('');
    await never.promise;
    await vi.waitFor(() => tested.assertClean());
    await tested.close();
  });

  it('fails a block with `await using`', async () => {
    const block = async () => {
      await using tested = await loadPlugin(plugin('tested', lab));
      tested.call('spin');
    };
    expect(await rejection(block())).toMatchObject({
      message: expect.stringContaining('tested is not clean'),
    });
  });
});

it('a load that fails leaves nothing behind', async () => {
  const temporary = () => readdirSync(tmpdir()).filter((name) => name.startsWith('cordon-test-'));
  const before = temporary();
  const wrong = [
    loadPlugin('some-name@^1'),
    loadPlugin('./no/such/plugin.json'),
    loadPlugin(5 as never),
    loadPlugin(plugin('tested', lab), { clok: 5 } as never),
    loadPlugin(plugin('tested', lab), { limits: { memoryBites: 1 } } as never),
    loadPlugin(plugin('tested', lab), { clock: -1 }),
    loadPlugin(plugin('tested', lab), { seed: 5 } as never),
    loadPlugin(plugin('tested', lab), { files: { '/x': 'y' } }),
    loadPlugin(plugin('tested', lab), { http: 5 } as never),
    loadPlugin(plugin('tested', lab), { http: { 'no url at all': '' } }),
    loadPlugin(plugin('tested', new Uint8Array([1, 2, 3]))),
  ];
  const errors = await Promise.all(wrong.map(rejection));
  expect(errors.map(({ code }) => code)).toEqual([
    'ERR_OPTIONS',
    'ERR_MANIFEST',
    'ERR_OPTIONS',
    ...new Array(7).fill('ERR_OPTIONS'),
    'ERR_BYTECODE',
  ]);
  expect(errors[3]!.message).toContain('"clock"');
  expect(errors[4]!.message).toContain('"memoryBytes"');
  expect(temporary()).toEqual(before);
});

it('a plugin on disk is loaded by its path', async () => {
  const path = new URL('../../guest-examples/count-vowels/plugin.json', import.meta.url);
  for (const spec of [
    path,
    'guest-examples/count-vowels/plugin.json',
    'guest-examples/count-vowels/count-vowels.wasm',
  ]) {
    await using tested = await loadPlugin(spec);
    expect(tested.exports.length).toBeGreaterThan(0);
  }
});
