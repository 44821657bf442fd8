import { describe, expect, it } from 'vitest';
import { fn, guest, toI32 } from '../fixtures/guests/guest.js';
import { ECHO, lab } from '../fixtures/guests/guests.js';
import { collect, next, openHost, plugin, rejection } from './open-host.js';

const neverStarts = guest(() => `${ECHO} ${fn('on_activate', '(unreachable)')}`);
const noModule = new TextEncoder().encode('this is no module');
const skip = { failurePolicy: 'skip' } as const;

describe('failurePolicy', () => {
  it('of "fail", the default, fails the whole set', async () => {
    const host = await openHost();
    expect((await rejection(host.load([plugin('a', lab), plugin('b', neverStarts)]))).code).toBe('ERR_TRAP');
    expect(host.list()).toEqual([]);
  });

  it('of "skip" does without a plugin that does not start, says so, and tries it again when it is called', async () => {
    const host = await openHost({ plugins: { b: skip } });
    const warnings = collect(host, 'warning');
    const [a, b] = await host.load([plugin('a', lab), plugin('b', neverStarts)]);
    expect((await a!.call('echo', 'there')).text()).toBe('there');
    expect(b!.state).toBe('failed');
    expect(host.info('b').stateReason).toContain('on_activate');
    expect(warnings).toMatchObject([{ topic: 'restart', plugin: 'b', version: '1.0.0' }]);
    const retried = next(host, 'plugin:loading');
    expect((await rejection(b!.call('echo', ''))).code).toBe('ERR_TRAP');
    expect(await retried).toMatchObject({ plugin: 'b', from: 'failed' });
    expect(host.health().status).toBe('degraded');
  });

  it('of "skip" does without one that cannot be loaded, until it is loaded again', async () => {
    const host = await openHost({ plugins: { '*': skip } });
    const warnings = collect(host, 'warning');
    const [b, a] = await host.load([plugin('b', noModule), plugin('a', lab)]);
    expect((await a!.call('echo', 'there')).text()).toBe('there');
    expect(b!.state).toBe('failed');
    expect(warnings).toMatchObject([{ topic: 'restart', plugin: 'b', code: 'ERR_BYTECODE' }]);
    const error = await rejection(b!.call('echo', ''));
    expect(error).toMatchObject({ code: 'ERR_BYTECODE', plugin: 'b' });
    expect(error.message).toContain('failurePolicy');
    expect(host.list().map(({ name }) => name)).toEqual(['a']);
    await host.load(plugin('b', lab));
    expect(b!.state).toBe('ready');
    expect((await b!.call('echo', 'after all')).text()).toBe('after all');
  });

  it('of "skip" does not leave out what another plugin depends on', async () => {
    const host = await openHost({ plugins: { '*': skip }, catalog: [plugin('b', neverStarts)] });
    const needs = plugin('a', lab, { dependencies: { b: '*' } });
    expect(await rejection(host.load([needs]))).toMatchObject({ code: 'ERR_TRAP', plugin: 'b' });
    expect(host.list()).toEqual([]);
  });

  it('of "skip" is not meant for a load that was called off', async () => {
    const host = await openHost({ plugins: { '*': skip } });
    const giveUp = new AbortController();
    giveUp.abort();
    expect((await rejection(host.load(plugin('a', lab), { signal: giveUp.signal }))).code).toBe(
      'ERR_ABORTED',
    );
    expect(host.list()).toEqual([]);
  });
});

describe('pinned', () => {
  it('keeps an instance that nobody calls, where others go and come back with their vars, and not their memory', async () => {
    const host = await openHost({
      plugins: { a: { pinned: true } },
      idle: { unloadAfterMs: 0, sweepMs: 10 },
    });
    const [a, b] = await host.load([plugin('a', lab), plugin('b', lab)]);
    await a!.call('count');
    const idle = next(host, 'plugin:idle', (event) => event.plugin === 'b' && b!.stats.calls === 2);
    await b!.call('keep', 'in a var');
    await b!.call('count');
    await idle;
    expect(toI32((await a!.call('count')).bytes())).toBe(2);
    expect((await b!.call('kept')).text()).toBe('in a var');
    expect(toI32((await b!.call('count')).bytes())).toBe(1);
  });

  it('keeps an instance that a budget would take', async () => {
    const host = await openHost({ plugins: { '*': { pinned: true } }, budget: { instances: 1 } });
    await host.load(plugin('a', lab));
    expect(await rejection(host.load(plugin('b', lab)))).toMatchObject({ code: 'ERR_BUSY', plugin: 'b' });
    expect(host.info('a').instances).toBe(1);
  });
});
