import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { defineHostFunction } from 'cordon';
import { describe, expect, it } from 'vitest';
import { badHook, hooks, hostCaller, lab } from '../fixtures/guests/guests.js';
import { collect, deferred, next, openHost, plugin, rejection } from './open-host.js';

const chain = () => [
  plugin('base', hooks),
  plugin('middle', hooks, { dependencies: { base: '*' } }),
  plugin('top', hooks, { dependencies: { middle: '*' } }),
];

describe('a handle', () => {
  it('can be disposed of twice at once, and while its host closes', async () => {
    const host = await openHost();
    const [p, q] = await host.load([plugin('p', lab), plugin('q', lab)]);
    await Promise.all([p![Symbol.asyncDispose](), p![Symbol.asyncDispose]()]);
    expect(p!.state).toBe('unloaded');
    const closed = host.close();
    await q![Symbol.asyncDispose]();
    await closed;
    expect(q!.state).toBe('unloaded');
  });
});

describe('an unload', () => {
  it('runs on_deactivate, and leaves nothing of the plugin', async () => {
    const host = await openHost();
    const p = await host.load(plugin('p', hooks));
    const lines = collect(host, 'log');
    await host.unload('p');
    expect(lines.map(({ message }) => message)).toEqual(['deactivated']);
    expect(p.state).toBe('unloaded');
    expect(host.list()).toEqual([]);
    expect(host.stats()).toMatchObject({ instances: 0, memoryBytes: 0 });
    expect(() => host.info('p')).toThrow(expect.objectContaining({ code: 'ERR_NOT_FOUND' }));
  });

  it('of what another depends on is refused, and says by whom', async () => {
    const host = await openHost({ catalog: chain() });
    const top = await host.load('top');
    const error = await rejection(host.unload('base'));
    expect(error).toMatchObject({
      code: 'ERR_PLUGIN_IN_USE',
      plugin: 'base',
      details: { dependents: ['middle'] },
    });
    expect(top.state).toBe('ready');
  });

  it('with cascade takes dependents down first', async () => {
    const host = await openHost({ catalog: chain() });
    await host.load(['top', 'base']);
    const order: string[] = [];
    host.on('plugin:unloaded', ({ plugin: name }) => order.push(name));
    await host.unload('base', { cascade: true });
    expect(order).toEqual(['top', 'middle', 'base']);
  });

  it('leaves what the plugin itself depended on', async () => {
    const host = await openHost({ catalog: chain() });
    await host.load('top');
    await host.unload('top');
    expect(host.list().map(({ name }) => name)).toEqual(['base', 'middle']);
    await host.unload('middle');
    await host.unload('base');
  });

  it('lets running calls finish, and takes no new ones', async () => {
    const entered = deferred();
    const gate = deferred<string>();
    const host = await openHost({
      hostFunctions: {
        wait: defineHostFunction({ params: ['bytes'], result: 'text' }, () => {
          entered.resolve();
          return gate.promise;
        }),
      },
      grants: { '*': { hostFunctions: ['wait'] } },
    });
    const p = await host.load(plugin('p', hostCaller('wait'), { permissions: { hostFunctions: ['wait'] } }));
    const running = p.call('host');
    await entered.promise;
    const draining = next(host, 'plugin:draining');
    const unloading = host.unload('p');
    await draining;
    expect((await rejection(p.call('echo'))).code).toBe('ERR_STATE');
    gate.resolve('finished');
    expect((await running).text()).toBe('finished');
    await unloading;
  });

  it('ends what does not finish within drainMs', async () => {
    const host = await openHost();
    const p = await host.load(plugin('p', lab));
    const calls = [rejection(p.call('spin')), rejection(p.call('echo'))];
    await host.unload('p', { drainMs: 20 });
    for (const { code } of await Promise.all(calls)) expect(code).toBe('ERR_CLOSED');
    const again = await host.load(plugin('p', lab));
    expect((await again.call('echo', 'again')).text()).toBe('again');
  });

  it('goes on where on_deactivate fails, and says so', async () => {
    const host = await openHost();
    await host.load(plugin('p', badHook('on_deactivate')));
    const warned = next(host, 'warning');
    await host.unload('p');
    expect(await warned).toMatchObject({ plugin: 'p', code: 'ERR_GUEST' });
    expect(host.list()).toEqual([]);
  });

  it('of what is not loaded is an error with the nearest name', async () => {
    const host = await openHost();
    await host.load(plugin('markdown', lab));
    const error = await rejection(host.unload('markdwon'));
    expect(error.code).toBe('ERR_NOT_FOUND');
    expect(error.message).toContain('"markdown"');
  });

  it('twice at the same time is done once', async () => {
    const host = await openHost();
    await host.load(plugin('p', lab));
    const results = await Promise.allSettled([host.unload('p'), host.unload('p')]);
    expect(results[0]!.status).toBe('fulfilled');
    expect(results[1]).toMatchObject({ status: 'rejected', reason: { code: 'ERR_NOT_FOUND' } });
  });

  it('and a load in turn, fifty times, leave a host as it was', async () => {
    const host = await openHost();
    for (let i = 0; i < 50; i++) {
      const p = await host.load(plugin('p', lab));
      await p.call('echo');
      await p.unload();
    }
    expect(host.stats()).toMatchObject({ calls: 50, instances: 0, memoryBytes: 0 });
    expect(host.stats().cache.misses).toBe(1);
  });
});

describe('on_activate', () => {
  it('that refuses fails the load with its words', async () => {
    const host = await openHost();
    const error = await rejection(host.load(plugin('p', badHook('on_activate'))));
    expect(error).toMatchObject({ code: 'ERR_GUEST', plugin: 'p' });
    expect(error.message).toContain('on_activate refuses');
    expect(host.list()).toEqual([]);
  });
});

it('a plugin that a call was starting when its unload began is unloaded in the end', async () => {
  const host = await openHost();
  const p = await host.load(plugin('p', lab, { activation: 'call' }));
  const states = collect(host, 'lifecycle');
  const call = p.call('echo', 'just in time');
  expect(p.state).toBe('loading');
  await Promise.all([call, host.unload('p')]);
  expect(p.state).toBe('unloaded');
  expect(states.at(-1)).toMatchObject({ from: 'draining', to: 'unloaded' });
});

it('a plugin that is gone leaves its handle, and not its module', async () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const host = await openHost({ cache: { maxBytes: 0 } });
  const loadAndUnload = async () => {
    const wasm = new Uint8Array(lab);
    const p = await host.load(plugin('p', wasm));
    expect((await p.call('echo', 'x')).text()).toBe('x');
    await p.unload();
    return { p, gone: new WeakRef(wasm.buffer) };
  };
  const { p, gone } = await loadAndUnload();
  await expect
    .poll(() => {
      collectGarbage();
      return gone.deref() === undefined;
    })
    .toBe(true);
  expect([p.state, p.version, p.stats.calls, p.has('echo')]).toEqual(['unloaded', '1.0.0', 1, true]);
  expect(await rejection(p.call('echo', 'x'))).toMatchObject({ code: 'ERR_CLOSED', plugin: 'p' });
});
