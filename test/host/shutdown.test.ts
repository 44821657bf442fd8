import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createHost, defineHostFunction } from 'cordon';
import { describe, expect, it, onTestFinished } from 'vitest';
import { hostCaller, http, lab } from '../fixtures/guests/guests.js';
import { serve } from './loopback-server.js';
import { collect, deferred, next, openHost, plugin, recorder, rejection, silent } from './open-host.js';
import { temporaryFolder, writePlugin } from './plugin-folder.js';

const CLOSED = ['ERR_CLOSED', 'ERR_ABORTED', 'ERR_NOT_FOUND'];

describe('a close in the middle of everything', () => {
  it('settles every promise, at whatever moment it comes', async () => {
    const port = await serve(() => {}); // never answers
    const rule = { host: '127.0.0.1', ports: [port], schemes: ['http' as const] };
    for (let turn = 0; turn < 12; turn++) {
      const folder = temporaryFolder();
      for (const name of ['a', 'b', 'c']) writePlugin(join(folder, name), lab, { name });
      const host = await openHost({
        catalog: [folder],
        watch: { debounceMs: 10 },
        grants: { web: { http: [rule] } },
      });
      const [a, web] = await host.load(['a', plugin('web', http, { permissions: { http: [rule] } })]);
      writePlugin(join(folder, 'a'), lab, { name: 'a', version: '1.1.0' });
      const promises: Promise<unknown>[] = [
        a!.call('spin'),
        ...Array.from({ length: 20 }, () => a!.call('echo', 'x')),
        web!.call('get', { url: `http://127.0.0.1:${port}/` }),
        host.load('b'),
        host.reload('a'),
        host.load(['b', 'c']),
        host.unload('b'),
        host.resolve('c'),
      ];
      const settled = Promise.allSettled(promises);
      for (let tick = 0; tick < turn * 4; tick++) await new Promise((resolve) => setImmediate(resolve));
      writeFileSync(join(folder, 'a', 'plugin.wasm'), lab);
      await Promise.all([host.close({ drainMs: 0 }), host.close()]);
      for (const result of await settled) {
        if (result.status === 'rejected') expect(CLOSED).toContain((result.reason as { code: string }).code);
      }
      expect(host.list()).toEqual([]);
      expect(host.stats()).toMatchObject({ threads: 0, instances: 0, inFlight: 0, queued: 0 });
    }
  });

  it('does not wait for an unload that drains longer', async () => {
    const host = await openHost();
    const p = await host.load(plugin('p', lab));
    const running = next(host, 'plugin:running');
    const call = rejection(p.call('spin'));
    await running;
    const draining = next(host, 'plugin:draining');
    const unloading = p.unload({ drainMs: Number.POSITIVE_INFINITY });
    await draining;
    await host.close({ drainMs: 0 });
    await unloading;
    expect((await call).code).toBe('ERR_CLOSED');
  });

  it('is hurried by a second one with a shorter drainMs', async () => {
    const host = await openHost();
    const p = await host.load(plugin('p', lab));
    const running = next(host, 'plugin:running');
    const call = rejection(p.call('spin'));
    await running;
    const first = host.close({ drainMs: Number.POSITIVE_INFINITY });
    await host.close({ drainMs: 0 });
    await first;
    expect((await call).code).toBe('ERR_CLOSED');
  });

  it('from a host function that waits for it ends that call', async () => {
    const host = await openHost({
      hostFunctions: {
        stop: defineHostFunction({ params: ['bytes'], result: 'text' }, async () => {
          await host.close({ drainMs: 50 });
          return 'closed';
        }),
      },
      grants: { '*': { hostFunctions: ['stop'] } },
    });
    const p = await host.load(plugin('p', hostCaller('stop'), { permissions: { hostFunctions: ['stop'] } }));
    expect((await rejection(p.call('host'))).code).toBe('ERR_CLOSED');
    await host.close();
  });

  it('from a listener, of an event that the close itself brings about too', async () => {
    const host = await openHost();
    const closes: Promise<void>[] = [];
    host.on('lifecycle', () => closes.push(host.close()));
    await host.load(plugin('p', lab)).catch(() => {});
    await Promise.all(closes);
    await host.close();
    expect(host.stats().threads).toBe(0);
  });
});

describe('work that belongs to the end of a host', () => {
  it('is done once, last first, when no plugin is left, and close waits for it', async () => {
    const host = await openHost();
    await host.load(plugin('p', lab));
    const done: string[] = [];
    const gate = deferred();
    host.on('plugin:unloaded', () => done.push('unloaded'));
    host.onClose(async () => {
      await gate.promise;
      done.push('first');
    });
    host.onClose(() => done.push('second'));
    host.onClose(() => done.push('taken back'))();
    const closing = Promise.all([host.close(), host.close()]).then(() => done.push('closed'));
    gate.resolve();
    await closing;
    expect(done).toEqual(['unloaded', 'second', 'first', 'closed']);
  });

  it('that fails is logged, and the rest is done', async () => {
    const logger = recorder();
    const host = await createHost({ logger });
    const done: string[] = [];
    host.onClose(() => done.push('rest'));
    host.onClose(() => Promise.reject(new Error('no')));
    host.onClose(() => {
      throw new Error('neither');
    });
    await host.close();
    expect(done).toEqual(['rest']);
    expect(logger.lines.filter(({ level }) => level === 'error')).toHaveLength(2);
  });

  it('cannot be added to a host that is closed, and is a function', async () => {
    const host = await createHost({ logger: silent });
    expect(() => host.onClose('x' as never)).toThrow(expect.objectContaining({ code: 'ERR_OPTIONS' }));
    const closing = host.close();
    expect(() => host.onClose(() => {})).toThrow(expect.objectContaining({ code: 'ERR_CLOSED' }));
    await closing;
  });
});

it('many hosts that are closed at once leave nothing', async () => {
  const hosts = await Promise.all(Array.from({ length: 4 }, () => openHost({ watch: true })));
  const unloaded = hosts.map((host) => collect(host, 'plugin:unloaded'));
  await Promise.all(hosts.map((host) => host.load([plugin('p', lab), plugin('q', lab)])));
  onTestFinished(() => expect(unloaded.map(({ length }) => length)).toEqual([2, 2, 2, 2]));
  await Promise.all(hosts.map((host) => host.close()));
});
