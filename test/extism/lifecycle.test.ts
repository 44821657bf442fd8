import { createPlugin, PluginOutput } from 'cordon/extism';
import { describe, expect, it } from 'vitest';
import { deferred, rejection } from '../host/open-host.js';
import { guest, openPlugin } from './open-plugin.js';

const echo = guest(
  `(func (export "echo") (result i32) (call $give (call $input_offset)))
   (func (export "spin") (result i32) (loop $l (br $l)) (i32.const 0))`,
);

describe('a plugin', () => {
  it('tells what its module exports and imports', async () => {
    const plugin = await openPlugin(echo);
    expect(await plugin.getExports()).toEqual(WebAssembly.Module.exports(new WebAssembly.Module(echo)));
    expect(await plugin.getImports()).toEqual(WebAssembly.Module.imports(new WebAssembly.Module(echo)));
    expect(await plugin.functionExists('echo')).toBe(true);
    expect(await plugin.functionExists('memory')).toBe(false);
    expect(await plugin.functionExists('toString')).toBe(false);
    expect((await rejection(plugin.getInstance())).code).toBe('ERR_STATE');
  });

  it('is active while a call is under way, and cannot be reset then', async () => {
    const gate = deferred();
    const bytes = guest('(func (export "go") (result i32) (call $wait) (i32.const 0))', { wait: '' });
    const plugin = await openPlugin(bytes, {
      functions: { 'extism:host/user': { wait: () => gate.promise } },
    });
    expect(plugin.isActive()).toBe(false);
    expect(await plugin.reset()).toBe(true);
    const call = plugin.call('go');
    expect(plugin.isActive()).toBe(true);
    expect(await plugin.reset()).toBe(false);
    gate.resolve();
    await call;
    expect(plugin.isActive()).toBe(false);
  });

  it('rejects what close ends, what waits behind it, and what comes later', async () => {
    const plugin = await createPlugin(echo);
    const calls = [plugin.call('spin'), plugin.call('echo', 'x')].map(rejection);
    await Promise.all([plugin.close(), plugin.close()]);
    for (const error of [...(await Promise.all(calls)), await rejection(plugin.call('echo'))]) {
      expect(error).toMatchObject({
        code: 'ERR_CLOSED',
        message: expect.stringMatching(/^worker not initialized/),
      });
    }
    expect(await plugin.functionExists('echo')).toBe(true);
  });

  it('can be made again after the last one was closed', async () => {
    for (let round = 0; round < 3; round++) {
      await using plugin = await createPlugin(echo);
      expect((await plugin.call('echo', String(round)))?.text()).toBe(String(round));
    }
  });

  it('takes text and bytes, and refuses everything else', async () => {
    const plugin = await openPlugin(echo);
    const part = Buffer.from('xxhixx').subarray(2, 4);
    expect((await plugin.call('echo', part))?.text()).toBe('hi');
    expect((await plugin.call('echo', 'héllo'))?.bytes()).toEqual(new TextEncoder().encode('héllo'));
    for (const input of [5, {}, true, []]) {
      expect((await rejection(plugin.call('echo', input as never))).code).toBe('ERR_INPUT');
    }
  });

  it('answers with a view that reads and does not write', async () => {
    const plugin = await openPlugin(echo);
    const output = (await plugin.call('echo', '{"a":[1]}'))!;
    expect(output).toBeInstanceOf(PluginOutput);
    expect(output).toBeInstanceOf(DataView);
    expect(output.json()).toEqual({ a: [1] });
    expect(output.string()).toBe(output.text());
    expect(output.getInt8(0)).toBe(123);
    expect(output.arrayBuffer().byteLength).toBe(9);
    expect(output.bytes()).toBe(output.bytes());
    expect(() => output.setInt8()).toThrow('Cannot set values on output');
  });

  it('keeps outputs of any size apart', async () => {
    const plugin = await openPlugin(echo);
    const outputs = await Promise.all([10, 100_000, 0, 5].map((n) => plugin.call('echo', 'x'.repeat(n))));
    expect(outputs.map((output) => output?.byteLength)).toEqual([10, 100_000, 0, 5]);
  });

  it('whose start takes too long is refused in time', async () => {
    const bytes = guest('(func $start (loop $l (br $l))) (start $start) (func (export "go"))');
    const error = await rejection(createPlugin({ wasm: [{ data: bytes }], timeoutMs: 200 }));
    expect(error).toMatchObject({
      code: 'ERR_TIMEOUT',
      message: 'EXTISM: timed out while waiting for plugin to instantiate',
    });
  });
});
