import { readFileSync } from 'node:fs';
import { defineHostFunction, type Host, type HostOptions, type Plugin } from 'cordon';
import { expect, it } from 'vitest';
import { collect, openHost, rejection } from '../host/open-host.js';
import { MUCH_TEXT } from './guest.js';

const examples = new URL('../../guest-examples/', import.meta.url);

/** The folder of an example, as `host.load` takes it. */
export function exampleAt(name: string): string {
  return new URL(`${name}/plugin.json`, examples).pathname;
}

/** What a `contract-` example does, whatever language it is written in. */
export function contractSuite(name: string): void {
  const open = async (options: HostOptions = {}): Promise<{ host: Host; plugin: Plugin }> => {
    const host = await openHost({
      hostFunctions: {
        lookup: defineHostFunction({ params: ['text'], result: 'text' }, (key) =>
          key === 'köy 🌍' ? 'wörld 🌏' : undefined,
        ),
      },
      grants: { '*': { hostFunctions: ['lookup'] } },
      ...options,
    });
    return { host, plugin: await host.load(exampleAt(name)) };
  };
  const opened = async (options?: HostOptions): Promise<Plugin> => (await open(options)).plugin;
  const said = async (plugin: Plugin, fn: string, input?: string) => (await plugin.call(fn, input)).text();

  it('has the exports that its manifest names, and every contract example has the same', () => {
    const { exports } = JSON.parse(readFileSync(exampleAt(name), 'utf8'));
    const rust = JSON.parse(readFileSync(exampleAt('contract-rust'), 'utf8'));
    expect(exports).toEqual(rust.exports);
    const module = new WebAssembly.Module(readFileSync(new URL(`${name}/${name}.wasm`, examples)));
    const made = WebAssembly.Module.exports(module).map((one) => one.name);
    expect(made).toEqual(expect.arrayContaining(Object.keys(exports)));
  });

  it('gets its input and gives it back: text, all bytes, 150 KB of UTF-8, nothing', async () => {
    const plugin = await opened();
    expect(await said(plugin, 'echo', 'hello')).toBe('hello');
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
    expect((await plugin.call('echo', bytes)).bytes()).toEqual(bytes);
    expect(Buffer.byteLength(MUCH_TEXT)).toBeGreaterThan(150_000);
    expect(await said(plugin, 'echo', MUCH_TEXT)).toBe(MUCH_TEXT);
    expect((await plugin.call('echo', '')).bytes()).toHaveLength(0);
    expect((await plugin.call('echo')).bytes()).toHaveLength(0);
  });

  it('knows characters from bytes', async () => {
    const plugin = await opened();
    expect(await said(plugin, 'count_chars', MUCH_TEXT)).toBe(String([...MUCH_TEXT].length));
    expect(await said(plugin, 'count_chars', '🌍é')).toBe('2');
    expect(await said(plugin, 'count_chars', '')).toBe('0');
  });

  it('reads its config: the manifest’s, or the host’s over it', async () => {
    expect(await said(await opened(), 'greet', 'Zoë')).toBe('Hello, Zoë!');
    const plugin = await opened({ config: { [`@acme/${name}`]: { greeting: 'Grüß dich 👋' } } });
    expect(await said(plugin, 'greet', 'Zoë')).toBe('Grüß dich 👋, Zoë!');
    expect(await said(plugin, 'greet', '')).toBe('Grüß dich 👋, !');
  });

  it('keeps a var from call to call, past nine and past a new instance', async () => {
    const plugin = await opened();
    for (let i = 1; i <= 11; i++) expect(await said(plugin, 'count_calls')).toBe(String(i));
    await rejection(plugin.call('crash'));
    expect(await said(plugin, 'count_calls')).toBe('12');
  });

  it('logs', async () => {
    const { plugin, host } = await open();
    const logs = collect(host, 'log');
    await plugin.call('say', 'grüße 🌍');
    expect(logs.map(({ level, message }) => `${level}: ${message}`)).toEqual(['info: grüße 🌍']);
  });

  it('asks a host function, which may know nothing', async () => {
    const plugin = await opened();
    expect(await said(plugin, 'look_up', 'köy 🌍')).toBe('wörld 🌏');
    expect(await said(plugin, 'look_up', 'nobody')).toBe('');
  });

  it('does not load where its host function is not granted', async () => {
    const host = await openHost({
      hostFunctions: { lookup: defineHostFunction({ params: ['text'], result: 'text' }, () => undefined) },
    });
    expect((await rejection(host.load(exampleAt(name)))).code).toBe('ERR_PERMISSION');
  });

  it('reports an error and works on in the same instance', async () => {
    const { plugin, host } = await open();
    const restarts = collect(host, 'plugin:restarted');
    for (let i = 0; i < 3; i++) {
      const error = await rejection(plugin.call('refuse', `ни ${i} 🌍`));
      expect(error.code).toBe('ERR_GUEST');
      expect(error.message).toContain(`refused: ни ${i} 🌍`);
      expect(await said(plugin, 'echo', 'still here')).toBe('still here');
    }
    expect(restarts).toEqual([]);
  });

  it('traps, and the next call has a fresh instance', async () => {
    const { plugin, host } = await open();
    const restarts = collect(host, 'plugin:restarted');
    const error = await rejection(plugin.call('crash'));
    expect(error.code).toBe('ERR_TRAP');
    expect(await said(plugin, 'echo', 'back again')).toBe('back again');
    expect(restarts).toHaveLength(1);
  });

  it('serves many calls at once, each with its own output', async () => {
    const plugin = await opened();
    const outputs = await Promise.all(Array.from({ length: 40 }, (_, i) => said(plugin, 'greet', `№ ${i}`)));
    expect(outputs).toEqual(Array.from({ length: 40 }, (_, i) => `Hello, № ${i}!`));
  });
}
