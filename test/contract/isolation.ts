import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineHostFunction, type HostOptions, type Isolation } from 'cordon';
import { describe, expect, it } from 'vitest';
import { i32, toI32 } from '../fixtures/guests/guest.js';
import { badHook, caller, hooks, hostCaller, http, lab } from '../fixtures/guests/guests.js';
import { wasi } from '../fixtures/guests/wasi.js';
import { serve } from '../host/loopback-server.js';
import { collect, deferred, next, openHost, plugin, rejection } from '../host/open-host.js';
import { temporaryFolder } from '../host/plugin-folder.js';

const TIERS: readonly Isolation[] = ['shared', 'thread', 'process'];

/** What an application may rely on, however far apart its plugins are. Each tier's test calls this. */
export function isolationContract(isolation: Isolation): void {
  const open = (options: HostOptions = {}) => openHost({ isolation, ...options });

  describe('a call', () => {
    it('is answered with the output; text, bytes and nothing', async () => {
      const host = await open();
      const p = await host.load(plugin('p', lab));
      expect((await p.call('echo', 'grüße \u0000 🎉')).text()).toBe('grüße \u0000 🎉');
      expect([...(await p.call('echo', new Uint8Array([0, 255, 128]))).bytes()]).toEqual([0, 255, 128]);
      expect((await p.call('echo', { a: [1, null] })).json()).toEqual({ a: [1, null] });
      expect((await p.call('nothing')).bytes()).toHaveLength(0);
    });

    it('carries megabytes both ways', async () => {
      const host = await open();
      const p = await host.load(plugin('p', lab));
      const large = new Uint8Array(new SharedArrayBuffer(8 * 1024 * 1024)).map((_, i) => i % 251);
      const outputs = await Promise.all([p.call('echo', large), p.call('echo', 'x'), p.call('echo', large)]);
      expect(Buffer.compare(outputs[0]!.bytes(), large)).toBe(0);
      expect(outputs[1]!.text()).toBe('x');
      expect(Buffer.compare(outputs[2]!.bytes(), large)).toBe(0);
    });

    it('of one instance is run in order, many at a time', async () => {
      const host = await open();
      const p = await host.load(plugin('p', lab));
      const outputs = await Promise.all(Array.from({ length: 500 }, () => p.call('count')));
      expect(outputs.map((output) => toI32(output.bytes()))).toEqual(
        Array.from({ length: 500 }, (_, i) => i + 1),
      );
    });

    it('that the guest fails says what the guest said', async () => {
      const host = await open();
      const p = await host.load(plugin('p', lab));
      const error = await rejection(p.call('fail'));
      expect(error).toMatchObject({
        code: 'ERR_GUEST',
        plugin: 'p',
        details: { guestError: 'it did not work out' },
      });
      expect((await rejection(p.call('fail_silently'))).code).toBe('ERR_GUEST');
      expect((await rejection(p.call('nowhere'))).code).toBe('ERR_NO_EXPORT');
    });

    it.each([
      ['trap', 'ERR_TRAP'],
      ['outside', 'ERR_TRAP'],
      ['recurse', 'ERR_STACK'],
      ['bad_load', 'ERR_TRAP'],
      ['bad_output', 'ERR_TRAP'],
      ['hog', 'ERR_TRAP'],
    ])('that ends in %s is an error, and the next call has a new instance', async (fn, code) => {
      const host = await open();
      const p = await host.load(plugin('p', lab));
      await p.call('count');
      expect((await rejection(p.call(fn))).code).toBe(code);
      expect(toI32((await p.call('count')).bytes())).toBe(1);
    });

    it('tells its costs', async () => {
      const host = await open();
      const p = await host.load(plugin('p', lab));
      const call = next(host, 'call');
      await p.call('deep', i32(100));
      expect((await call).fuel).toBeGreaterThan(100);
      expect((await call).memoryBytes).toBeGreaterThan(0);
    });
  });

  describe('a limit', () => {
    it('on time stops the guest where it is', async () => {
      const host = await open();
      const p = await host.load(plugin('p', lab));
      expect(await rejection(p.call('spin', '', { timeoutMs: 50 }))).toMatchObject({ code: 'ERR_TIMEOUT' });
      expect((await p.call('echo', 'on')).text()).toBe('on');
    });

    it('on fuel, output and processor time holds', async () => {
      const host = await open({ quarantine: { maxViolations: 100 } });
      const p = await host.load(plugin('p', lab, { limits: { outputBytes: 1000, cpuMs: 200 } }));
      expect((await rejection(p.call('spin', '', { fuel: 1_000_000 }))).code).toBe('ERR_FUEL');
      expect((await rejection(p.call('output', i32(2000)))).code).toBe('ERR_OUTPUT');
      expect((await rejection(p.call('spin'))).code).toBe('ERR_CPU');
    });

    it('on the log drops what is beyond, and is a violation', async () => {
      const host = await open();
      const p = await host.load(plugin('p', lab, { limits: { logBytesPerCall: 1000 } }));
      const [lines, violations] = [collect(host, 'log'), collect(host, 'violation')];
      await p.call('flood', 'a line');
      expect(lines.length).toBeGreaterThan(10);
      expect(lines.length).toBeLessThan(100);
      expect(violations).toMatchObject([{ kind: 'log-flood', plugin: 'p' }]);
    });
  });

  describe('a caller that gives up', () => {
    it('is told at once, and the guest is stopped', async () => {
      const host = await open();
      const p = await host.load(plugin('p', lab));
      const controller = new AbortController();
      const spinning = rejection(p.call('spin', '', { signal: controller.signal }));
      const waiting = rejection(p.call('count', '', { signal: controller.signal }));
      controller.abort();
      expect((await spinning).code).toBe('ERR_ABORTED');
      expect((await waiting).code).toBe('ERR_ABORTED');
      expect(toI32((await p.call('count')).bytes())).toBe(1);
    });

    it('while the guest waits for the host is told too', async () => {
      const entered = deferred();
      const wait = defineHostFunction({ params: ['bytes'], result: 'bytes' }, (_, { signal }) => {
        entered.resolve();
        return new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(new Error('given up')));
        });
      });
      const host = await open({ hostFunctions: { wait }, grants: { p: { hostFunctions: ['wait'] } } });
      const p = await host.load(
        plugin('p', hostCaller('wait'), { permissions: { hostFunctions: ['wait'] } }),
      );
      const controller = new AbortController();
      const call = rejection(p.call('host', 'x', { signal: controller.signal }));
      await entered.promise;
      controller.abort();
      expect((await call).code).toBe('ERR_ABORTED');
      expect((await p.call('echo', 'next')).text()).toBe('next');
    });
  });

  describe('a host function', () => {
    const asking = { permissions: { hostFunctions: ['f'] } };
    const granting = { grants: { '*': { hostFunctions: ['f'] } } };

    it.each([
      ['at once', (text: unknown) => `<${text}>`],
      ['later', async (text: unknown) => `<${await Promise.resolve(text)}>`],
    ])('answers %s', async (_, handler) => {
      const f = defineHostFunction({ params: ['text'], result: 'text' }, handler);
      const host = await open({ hostFunctions: { f }, ...granting });
      const p = await host.load(plugin('p', hostCaller('f'), asking));
      expect((await p.call('twice', 'x')).text()).toBe('<<x>>');
    });

    it('takes and gives megabytes', async () => {
      const f = defineHostFunction({ params: ['bytes'], result: 'bytes' }, (bytes) => bytes);
      const host = await open({ hostFunctions: { f }, ...granting });
      const p = await host.load(plugin('p', hostCaller('f'), asking));
      const large = new Uint8Array(4 * 1024 * 1024).fill(7);
      expect(Buffer.compare((await p.call('twice', large)).bytes(), large)).toBe(0);
    });

    it('that throws fails the call, and no other', async () => {
      const f = defineHostFunction({ params: ['text'], result: 'text' }, () => {
        throw new Error('not today');
      });
      const host = await open({ hostFunctions: { f }, ...granting });
      const p = await host.load(plugin('p', hostCaller('f'), asking));
      const error = await rejection(p.call('host', 'x'));
      expect(error.code).toBe('ERR_HOST_FUNCTION');
      expect(error.message).toContain('not today');
      expect((await p.call('echo', 'y')).text()).toBe('y');
    });

    it('that was not granted cannot be linked', async () => {
      const f = defineHostFunction({ params: ['text'], result: 'text' }, () => 'never');
      const host = await open({ hostFunctions: { f } });
      expect((await rejection(host.load(plugin('p', hostCaller('f'), asking)))).code).toBe('ERR_PERMISSION');
    });
  });

  it('HTTP is asked of the host, which judges and sends it', async () => {
    const port = await serve((_, response) => response.end('from loopback'));
    const rules = [{ host: '127.0.0.1', ports: [port], schemes: ['http' as const] }];
    const host = await open({ grants: { p: { http: rules } } });
    const p = await host.load(plugin('p', http, { permissions: { http: rules } }));
    const url = `http://127.0.0.1:${port}/`;
    expect((await p.call('get', { url })).text()).toBe('from loopback');
    const violation = next(host, 'violation');
    expect((await rejection(p.call('get', { url: `http://127.0.0.2:${port}/` }))).code).toBe(
      'ERR_PERMISSION',
    );
    expect((await violation).kind).toBe('http');
  });

  describe('a call of another plugin', () => {
    const relay = caller({ relay: ['lab', 'echo'], trap: ['lab', 'trap'] });

    it.each(TIERS)('that is %s is answered', async (other) => {
      const host = await openHost({
        isolation: { app: isolation, top: isolation, lab: other },
        catalog: [
          plugin('lab', lab),
          plugin('app', relay, { dependencies: { lab: '*' } }),
          plugin('top', caller({ go: ['app', 'relay'] }), { dependencies: { app: '*' } }),
        ],
      });
      const top = await host.load('top');
      const outputs = await Promise.all(Array.from({ length: 10 }, (_, i) => top.call('go', `${i}`)));
      expect(outputs.map((output) => output.text())).toEqual(Array.from({ length: 10 }, (_, i) => `${i}`));
    });

    it.each(TIERS)(
      'from one that is %s is answered; the failure of the one that is called is its own',
      async (other) => {
        const host = await openHost({
          isolation: { app: other, lab: isolation },
          catalog: [plugin('lab', lab), plugin('app', relay, { dependencies: { lab: '*' } })],
        });
        const app = await host.load('app');
        expect((await app.call('relay', 'x')).text()).toBe('x');
        expect((await app.call('trap')).text()).toBe('');
        expect((await app.call('relay', 'y')).text()).toBe('y');
      },
    );
  });

  describe('what a guest leaves', () => {
    it('in its log comes to the host with its level and its call', async () => {
      const host = await open();
      const p = await host.load(plugin('p', lab));
      const lines = collect(host, 'log');
      await p.call('log', 'said');
      expect(lines.map(({ level, message }) => `${level} ${message}`)).toEqual(
        ['trace', 'debug', 'info', 'warn', 'error'].map((level) => `${level} said`),
      );
      expect(lines[0]!.callId).toEqual(expect.any(String));
    });

    it('in its vars is there after a trap; its memory is not', async () => {
      const host = await open();
      const p = await host.load(plugin('p', lab));
      await p.call('keep', 'precious');
      await rejection(p.call('trap'));
      expect((await p.call('kept')).text()).toBe('precious');
      await p.call('forget');
      await rejection(p.call('trap'));
      expect((await p.call('kept')).text()).toBe('');
    });

    it('of one tenant is not another’s', async () => {
      const host = await open();
      const p = await host.load(plugin('p', lab));
      await p.call('keep', 'one’s own', { tenant: 'one' });
      await p.call('keep', 'two’s own', { tenant: 'two' });
      expect((await p.call('kept', '', { tenant: 'one' })).text()).toBe('one’s own');
      expect(toI32((await p.call('count', '', { tenant: 'two' })).bytes())).toBe(1);
      expect(toI32((await p.call('count', '', { tenant: 'one' })).bytes())).toBe(1);
    });
  });

  it('an instance for each call remembers nothing', async () => {
    const host = await open();
    const p = await host.load(plugin('p', lab, { instance: 'per-call' }));
    const outputs = await Promise.all(Array.from({ length: 20 }, () => p.call('count')));
    expect(outputs.map((output) => toI32(output.bytes()))).toEqual(Array.from({ length: 20 }, () => 1));
    expect((await rejection(p.call('spin', '', { timeoutMs: 50 }))).code).toBe('ERR_TIMEOUT');
    expect((await p.call('echo', 'x')).text()).toBe('x');
  });

  it('a pool answers every call', async () => {
    const host = await open();
    const p = await host.load(plugin('p', lab, { instance: { pool: 3 } }));
    const outputs = await Promise.all(Array.from({ length: 100 }, (_, i) => p.call('echo', `${i}`)));
    expect(outputs.map((output) => output.text())).toEqual(Array.from({ length: 100 }, (_, i) => `${i}`));
  });

  describe('the life of a plugin', () => {
    it('runs its hooks', async () => {
      const host = await open();
      const lines = collect(host, 'log');
      const p = await host.load(plugin('p', hooks));
      expect((await p.call('kept')).text()).toBe('by on_activate');
      await host.unload('p');
      expect(lines.map(({ message }) => message)).toEqual(['activated', 'deactivated']);
    });

    it('has the whole startTimeoutMs for its start, however long its thread or process takes to come up', async () => {
      const host = await open();
      const p = await host.load(plugin('p', hooks, { limits: { startTimeoutMs: 500 } }));
      expect((await p.call('kept')).text()).toBe('by on_activate');
    });

    it('does not begin where a hook refuses, and says why', async () => {
      const host = await open();
      const error = await rejection(host.load(plugin('p', badHook('on_activate'))));
      expect(error.message).toContain('on_activate refuses');
    });

    it('goes on with the next version: calls move over, vars too', async () => {
      const host = await open({ catalog: [plugin('p', lab), plugin('p', lab, { version: '1.1.0' })] });
      const p = await host.load('p@1.0.0');
      await p.call('keep', 'taken along');
      await host.reload('p', { to: '1.1.0' });
      expect(host.plugin('p')?.version).toBe('1.1.0');
      expect((await host.call('p', 'kept')).text()).toBe('taken along');
    });

    it('ends with the host: calls that run are settled, none is left', async () => {
      const host = await open();
      const p = await host.load(plugin('p', lab));
      const calls = [rejection(p.call('spin')), rejection(p.call('count'))];
      await host.close({ drainMs: 0 });
      for (const error of await Promise.all(calls)) expect(error.code).toBe('ERR_CLOSED');
      expect(host.stats()).toMatchObject({ threads: 0, processes: 0, instances: 0 });
    });
  });

  it('files are those of the mounts, for reading or writing as granted', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'hello.txt'), 'hello from the host');
    const read = await open({ grants: { p: { fs: { read: { '/data': folder } } } } });
    const reader = await read.load(plugin('p', wasi, { permissions: { fs: { read: { '/data': folder } } } }));
    expect((await reader.call('read', 'hello.txt')).text()).toBe('hello from the host');
    const write = await open({ grants: { p: { fs: { write: { '/data': folder } } } } });
    const writer = await write.load(
      plugin('p', wasi, { permissions: { fs: { write: { '/data': folder } } } }),
    );
    await writer.call('write', 'new.txt');
    expect(readFileSync(join(folder, 'new.txt'), 'utf8')).toBe('written');
  });
}
