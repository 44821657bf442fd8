import { defineHostFunction } from 'cordon';
import { describe, expect, it } from 'vitest';
import { fn, guest, toI32 } from '../fixtures/guests/guest.js';
import { caller, lab } from '../fixtures/guests/guests.js';
import { collect, deferred, next, openHost, plugin, rejection } from './open-host.js';

describe('a budget of the host', () => {
  it('for instances is kept by giving up those of the plugin that was called least recently', async () => {
    const host = await openHost({
      budget: { instances: 2 },
      catalog: ['a', 'b', 'c'].map((name) => plugin(name, lab)),
    });
    await host.load(['a', 'b']);
    await host.call('a', 'echo', '');
    const gaveUp = next(host, 'plugin:idle');
    await host.load('c');
    expect(await gaveUp).toMatchObject({ plugin: 'b', from: 'ready' });
    expect(host.stats().instances).toBe(2);
    expect((await host.call('b', 'echo', 'back again')).text()).toBe('back again');
    expect(host.stats().instances).toBe(2);
  });

  it('for instances refuses one more where all are in use', async () => {
    const host = await openHost({ budget: { instances: 1 }, catalog: [plugin('a', lab), plugin('b', lab)] });
    await host.load('a');
    const running = next(host, 'plugin:running');
    const spinning = rejection(host.call('a', 'spin', '', { timeoutMs: 500 }));
    await running;
    expect(await rejection(host.load('b'))).toMatchObject({
      code: 'ERR_BUSY',
      plugin: 'b',
      details: { limit: 1, observed: 1 },
    });
    expect((await spinning).code).toBe('ERR_TIMEOUT');
  });

  it('for instances lets a call wait until another plugin needs its own no more', async () => {
    const host = await openHost({ budget: { instances: 1 }, catalog: [plugin('a', lab), plugin('b', lab)] });
    await host.load(['a', 'b']);
    const running = next(host, 'plugin:running');
    const spinning = rejection(host.call('a', 'spin', '', { timeoutMs: 300 }));
    await running;
    const waits = host.call('b', 'echo', 'after all');
    expect((await spinning).code).toBe('ERR_TIMEOUT');
    expect((await waits).text()).toBe('after all');
    expect(host.stats().instances).toBe(1);
  });

  it('for instances fails a call that waited for queueTimeoutMs in vain, with the figures', async () => {
    const host = await openHost({
      budget: { instances: 1 },
      catalog: [plugin('a', lab), plugin('b', lab, { limits: { queueTimeoutMs: 50 } })],
    });
    await host.load(['a', 'b']);
    const running = next(host, 'plugin:running');
    const giveUp = new AbortController();
    const spinning = rejection(host.call('a', 'spin', '', { signal: giveUp.signal }));
    await running;
    const error = await rejection(host.call('b', 'echo', ''));
    expect(error).toMatchObject({ code: 'ERR_BUSY', plugin: 'b', details: { limit: 1, observed: 1 } });
    expect(error.message).toContain('limits.queueTimeoutMs');
    expect(error.message).toContain('budget.instances is 1');
    expect(host.plugin('b').state).toBe('idle');
    giveUp.abort();
    expect((await spinning).code).toBe('ERR_ABORTED');
    const answer = () =>
      host.call('b', 'echo', 'now').then(
        (output) => output.text(),
        ({ code }) => code,
      );
    await expect.poll(answer, { timeout: 10_000 }).toBe('now');
  });

  it('for instances does not stop a call that plugins make of each other for one that waits to begin', async () => {
    const host = await openHost({
      budget: { instances: 2, concurrentCalls: 1 },
      catalog: [
        plugin('base', lab),
        plugin('top', caller({ go: ['base', 'echo'] }), { dependencies: { base: '*' } }),
        plugin('other', lab),
      ],
    });
    await host.load('top');
    await host.call('top', 'echo', '');
    await host.load('other');
    expect(host.info('base').instances).toBe(0);
    // `top` has the only place, waits for `base`, which needs an instance; `other` has one, and waits for the place.
    const [through, waits] = await Promise.all([
      host.call('top', 'go', 'to the base'),
      host.call('other', 'echo', 'after all'),
    ]);
    expect([through.text(), waits.text()]).toEqual(['to the base', 'after all']);
    expect(host.stats().instances).toBeLessThanOrEqual(2);
  });

  it('for instances does not hold up a call whose thread the others wait for', async () => {
    const host = await openHost({
      budget: { instances: 2 },
      threads: { min: 1, max: 1 },
      catalog: [
        plugin('base', lab),
        plugin('top', caller({ go: ['base', 'echo'] }), { dependencies: { base: '*' } }),
        plugin('other', lab),
      ],
    });
    await host.load('top');
    await host.call('top', 'echo', '');
    await host.load('other');
    expect(host.info('base').instances).toBe(0);
    // `other` has the second instance, with a call that waits in the thread which `top` blocks until `base` has answered.
    const timeoutMs = 5000;
    const both = await Promise.all([
      host.call('top', 'go', 'to the base', { timeoutMs }),
      host.call('other', 'echo', 'in its turn', { timeoutMs }),
    ]);
    expect(both.map((output) => output.text())).toEqual(['to the base', 'in its turn']);
    expect(host.stats().instances).toBeLessThanOrEqual(3);
  });

  it('for instances gives a stateful plugin one instance, also where two are asked for in the same moment', async () => {
    const isWaiting = deferred();
    const goOn = deferred();
    const wait = defineHostFunction({}, () => {
      isWaiting.resolve();
      return goOn.promise;
    });
    const top = guest(
      (text) =>
        fn(
          'go',
          `(call $wait) (call $reply (call $plugin_call ${text('base')} ${text('count')} (call $input_offset)))`,
        ),
      {
        imports: `(import "extism:host/user" "wait" (func $wait))
          (import "extism:host/user" "plugin_call" (func $plugin_call (param i64 i64 i64) (result i64)))`,
      },
    );
    const host = await openHost({
      budget: { instances: 3, concurrentCalls: 1 },
      hostFunctions: { wait },
      grants: { '*': { hostFunctions: ['wait'] } },
      catalog: [
        plugin('base', lab),
        plugin('top', top, { dependencies: { base: '*' }, permissions: { hostFunctions: ['wait'] } }),
        plugin('other', lab, { instance: { pool: 2 } }),
      ],
    });
    await host.load(['top', 'other']);
    await Promise.all(Array.from({ length: 20 }, () => host.call('other', 'echo', '')));
    await expect.poll(() => host.info('other').instances).toBe(2);
    expect(host.info('base').instances).toBe(0);
    const through = host.call('top', 'go', '');
    await isWaiting.promise;
    // It waits for the only place, and has two instances that it does not use meanwhile.
    const waits = host.call('other', 'echo', 'after all');
    const direct = host.call('base', 'count');
    goOn.resolve();
    const counts = (await Promise.all([through, direct])).map((output) => toI32(output.bytes()));
    expect(counts.sort()).toEqual([1, 2]);
    expect((await waits).text()).toBe('after all');
    expect(host.info('base').instances).toBeLessThanOrEqual(1);
  });

  it('counts fresh instances while they run', async () => {
    const host = await openHost();
    const fresh = await host.load(plugin('fresh', lab, { instance: 'per-call' }));
    expect(host.stats().instances).toBe(0);
    const running = next(host, 'plugin:running');
    const giveUp = new AbortController();
    const spinning = rejection(fresh.call('spin', '', { signal: giveUp.signal }));
    await running;
    expect(host.stats()).toMatchObject({ instances: 1, memoryBytes: 65_536 });
    giveUp.abort();
    expect((await spinning).code).toBe('ERR_ABORTED');
    await expect.poll(() => host.stats().instances).toBe(0);
  });

  it('for instances and memory lets fresh instances wait, and fails them with the figure', async () => {
    const host = await openHost({ budget: { instances: 1 }, limits: { queueTimeoutMs: 2000 } });
    const fresh = await host.load(plugin('fresh', lab, { instance: 'per-call' }));
    const running = next(host, 'plugin:running');
    const giveUp = new AbortController();
    const spinning = rejection(fresh.call('spin', '', { signal: giveUp.signal }));
    await running;
    const error = await rejection(fresh.call('echo', 'x'));
    expect(error).toMatchObject({ code: 'ERR_BUSY', details: { limit: 1, observed: 1 } });
    expect(error.message).toContain('budget.instances is 1');
    giveUp.abort();
    expect((await spinning).code).toBe('ERR_ABORTED');
    await expect.poll(() => host.stats().instances).toBe(0);
    const answers = await Promise.all(['a', 'b', 'c'].map((text) => fresh.call('echo', text)));
    expect(answers.map((output) => output.text())).toEqual(['a', 'b', 'c']);
  });

  it('for memory counts instances from when they begin to start', async () => {
    const host = await openHost({ budget: { memoryBytes: 3 * 65_536 }, limits: { instances: 100 } });
    const pool = await host.load(plugin('pool', lab, { instance: { pool: 50 } }));
    const answers = await Promise.all(Array.from({ length: 50 }, () => pool.call('echo', 'x')));
    expect(answers).toHaveLength(50);
    expect(host.info('pool').instances).toBeLessThanOrEqual(3);
  });

  it('for memory refuses an instance that would be too much', async () => {
    const host = await openHost({ budget: { memoryBytes: 32 * 1024 }, catalog: [plugin('a', lab)] });
    expect(await rejection(host.load('a'))).toMatchObject({
      code: 'ERR_BUSY',
      details: { limit: 32 * 1024 },
    });
    expect(host.list()).toEqual([]);
  });
});

it('a thread beyond the least ends when it had nothing to do for idleMs', async () => {
  const host = await openHost({
    threads: { min: 1, max: 2, idleMs: 0 },
    idle: { sweepMs: 10, unloadAfterMs: 0 },
    catalog: [plugin('a', lab), plugin('b', lab)],
  });
  const idle = collect(host, 'plugin:idle');
  await host.load('a');
  const giveUp = new AbortController();
  const spinning = rejection(host.call('a', 'spin', '', { signal: giveUp.signal }));
  await host.load('b');
  expect(host.stats().threads).toBe(2);
  giveUp.abort();
  expect((await spinning).code).toBe('ERR_ABORTED');
  await expect.poll(() => host.stats().threads).toBe(1);
  expect(idle.map(({ plugin: name }) => name)).toContain('b');
  expect((await host.call('b', 'echo', 'still there')).text()).toBe('still there');
});
