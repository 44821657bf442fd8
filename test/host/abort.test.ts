import { defineHostFunction } from 'cordon';
import { describe, expect, it } from 'vitest';
import { toI32 } from '../fixtures/guests/guest.js';
import { hostCaller, lab } from '../fixtures/guests/guests.js';
import { collect, deferred, next, openHost, plugin, rejection } from './open-host.js';

describe.each([{ metering: true }, { metering: false }])(
  'a call that is aborted, metering $metering,',
  (options) => {
    it('before it begins rejects with the reason as its cause, and nothing runs', async () => {
      const host = await openHost(options);
      const p = await host.load(plugin('p', lab));
      const reason = new Error('no longer needed');
      const error = await rejection(p.call('count', '', { signal: AbortSignal.abort(reason) }));
      expect(error).toMatchObject({ code: 'ERR_ABORTED', plugin: 'p', cause: reason });
      expect(toI32((await p.call('count')).bytes())).toBe(1);
    });

    it('while it waits never runs', async () => {
      const host = await openHost({
        ...options,
        budget: { concurrentCalls: 1 },
        quarantine: { maxViolations: 9 },
      });
      const p = await host.load(plugin('p', lab));
      const controller = new AbortController();
      const first = rejection(p.call('spin', '', { timeoutMs: 100 }));
      const waiting = rejection(p.call('count', '', { signal: controller.signal }));
      const last = p.call('count');
      controller.abort(new Error('enough'));
      expect(await waiting).toMatchObject({
        code: 'ERR_ABORTED',
        cause: expect.objectContaining({ message: 'enough' }),
      });
      expect((await first).code).toBe('ERR_TIMEOUT');
      expect(toI32((await last).bytes())).toBe(1);
    });

    it('while it runs rejects at once, and the plugin serves again', async () => {
      const host = await openHost(options);
      const p = await host.load(plugin('p', lab, { limits: { timeoutMs: 500 } }));
      const controller = new AbortController();
      const running = next(host, 'plugin:running');
      const call = rejection(p.call('spin', '', { signal: controller.signal }));
      await running;
      controller.abort();
      expect((await call).code).toBe('ERR_ABORTED');
      expect((await p.call('echo', 'next')).text()).toBe('next');
    });

    it('in a host function ends that function’s signal', async () => {
      const entered = deferred();
      const ended = deferred<unknown>();
      const host = await openHost({
        ...options,
        hostFunctions: {
          wait: defineHostFunction({ params: ['bytes'], result: 'bytes' }, (_, { signal }) => {
            signal.addEventListener('abort', () => ended.resolve(signal.aborted));
            entered.resolve();
            return new Promise<never>(() => {});
          }),
        },
        grants: { '*': { hostFunctions: ['wait'] } },
      });
      const p = await host.load(
        plugin('p', hostCaller('wait'), { permissions: { hostFunctions: ['wait'] } }),
      );
      const controller = new AbortController();
      const call = rejection(p.call('host', 'x', { signal: controller.signal }));
      await entered.promise;
      controller.abort();
      expect((await call).code).toBe('ERR_ABORTED');
      expect(await ended.promise).toBe(true);
      expect((await p.call('echo', 'next')).text()).toBe('next');
    });
  },
);

describe('an abort', () => {
  it('after the call is over does nothing', async () => {
    const host = await openHost();
    const p = await host.load(plugin('p', lab));
    const controller = new AbortController();
    expect((await p.call('echo', 'x', { signal: controller.signal })).text()).toBe('x');
    controller.abort();
    expect((await p.call('echo', 'y')).text()).toBe('y');
  });

  it('is no violation', async () => {
    const host = await openHost();
    const p = await host.load(plugin('p', lab));
    const violations = collect(host, 'violation');
    const controller = new AbortController();
    const ended = next(host, 'call');
    const call = rejection(p.call('spin', '', { signal: controller.signal }));
    controller.abort();
    await call;
    expect(await ended).toMatchObject({ ok: false, code: 'ERR_ABORTED' });
    await p.call('echo', 'the guest is stopped by now');
    expect(violations).toEqual([]);
  });

  it('of a thousand calls at once settles them all', async () => {
    const host = await openHost();
    const p = await host.load(plugin('p', lab));
    const controller = new AbortController();
    const calls = Array.from({ length: 1000 }, () =>
      p.call('echo', 'x', { signal: controller.signal }).then(
        () => 'answered',
        (error) => error.code as string,
      ),
    );
    controller.abort();
    const ends = await Promise.all(calls);
    expect(new Set(ends)).toEqual(new Set(['ERR_ABORTED']));
    expect((await p.call('echo', 'next')).text()).toBe('next');
    expect(host.stats()).toMatchObject({ queued: 0 });
  });

  it('leaves no listener on the caller’s signal', async () => {
    const host = await openHost();
    const p = await host.load(plugin('p', lab));
    const { signal } = new AbortController();
    let listeners = 0;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = ((...args: Parameters<typeof add>) => {
      listeners++;
      add(...args);
    }) as typeof signal.addEventListener;
    signal.removeEventListener = ((...args: Parameters<typeof remove>) => {
      listeners--;
      remove(...args);
    }) as typeof signal.removeEventListener;
    await Promise.all(Array.from({ length: 20 }, () => p.call('echo', 'x', { signal })));
    await rejection(p.call('trap', 'x', { signal }));
    expect(listeners).toBe(0);
  });
});
