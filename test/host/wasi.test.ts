import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { i32, toI32 } from '../fixtures/guests/guest.js';
import { wasi } from '../fixtures/guests/wasi.js';
import { collect, openHost, plugin, rejection } from './open-host.js';
import { temporaryFolder } from './plugin-folder.js';

const setEnv = (name: string, value: string): void => {
  process.env[name] = value;
  onTestFinished(() => {
    delete process.env[name];
  });
};

describe('standard output', () => {
  it('becomes lines of the plugin’s log, standard error at a higher level', async () => {
    const host = await openHost();
    const p = await host.load(plugin('p', wasi));
    const lines = collect(host, 'log');
    await p.call('print', 'one\ntwo\n');
    await p.call('complain', 'three\n');
    expect(lines.map(({ level, message }) => [level, message])).toEqual([
      ['info', 'one'],
      ['info', 'two'],
      ['warn', 'three'],
    ]);
  });

  it('without an end of line is told at the end of the call', async () => {
    const host = await openHost();
    const p = await host.load(plugin('p', wasi));
    const lines = collect(host, 'log');
    await p.call('print', 'half a line');
    expect(lines.map(({ message }) => message)).toEqual(['half a line']);
  });

  it('is bounded by logBytesPerCall', async () => {
    const host = await openHost();
    const p = await host.load(plugin('p', wasi, { limits: { logBytesPerCall: 100 } }));
    const [lines, violations] = [collect(host, 'log'), collect(host, 'violation')];
    await p.call('print', `${'x'.repeat(60)}\n`.repeat(20));
    expect(lines.length).toBeLessThan(3);
    expect(violations).toMatchObject([{ kind: 'log-flood' }]);
  });
});

describe('a command', () => {
  it('is not run when it is loaded; its _start can be called', async () => {
    const host = await openHost();
    const lines = collect(host, 'log');
    const p = await host.load(plugin('p', wasi));
    expect(lines).toEqual([]);
    expect(p.has('_start')).toBe(true);
    await p.call('_start');
    expect(lines.map(({ message }) => message)).toEqual(['started']);
  });

  it('that leaves with 0 has done its work', async () => {
    const host = await openHost();
    const p = await host.load(plugin('p', wasi));
    expect((await p.call('answer_and_exit', 'done')).text()).toBe('done');
    expect((await p.call('echo', 'again')).text()).toBe('again');
  });

  it('that leaves with another code has failed with it', async () => {
    const host = await openHost();
    const p = await host.load(plugin('p', wasi));
    expect(await rejection(p.call('exit', i32(3)))).toMatchObject({
      code: 'ERR_TRAP',
      details: { exitCode: 3 },
    });
    expect((await p.call('echo', 'again')).text()).toBe('again');
  });
});

describe('the environment', () => {
  it('has what was asked for and granted, and nothing else', async () => {
    setEnv('CORDON_TEST_GRANTED', 'yes');
    setEnv('CORDON_TEST_SECRET', 'no');
    const host = await openHost({ grants: { p: { env: ['CORDON_TEST_GRANTED', 'CORDON_TEST_UNSET'] } } });
    const asked = ['CORDON_TEST_GRANTED', 'CORDON_TEST_SECRET', 'CORDON_TEST_UNSET'];
    const p = await host.load(plugin('p', wasi, { permissions: { env: asked } }));
    expect((await p.call('environ')).text()).toBe('CORDON_TEST_GRANTED=yes\0');
  });

  it('is empty by default', async () => {
    const host = await openHost({ grants: { '*': { env: ['PATH'] } } });
    const p = await host.load(plugin('p', wasi));
    expect((await p.call('environ')).text()).toBe('');
  });
});

describe('files', () => {
  const open = async (mode: 'read' | 'write') => {
    const folder = temporaryFolder();
    const data = join(folder, 'data');
    mkdirSync(data);
    writeFileSync(join(data, 'inside.txt'), 'from the mount');
    writeFileSync(join(folder, 'outside.txt'), 'secret');
    symlinkSync(join(folder, 'outside.txt'), join(data, 'link.txt'));
    const fs = { [mode]: { '/data': data } };
    const host = await openHost({ grants: { p: { fs } } });
    return { data, folder, host, p: await host.load(plugin('p', wasi, { permissions: { fs } })) };
  };

  it('within a mount can be read', async () => {
    const { p } = await open('read');
    expect((await p.call('read', 'inside.txt')).text()).toBe('from the mount');
  });

  it.each(['../outside.txt', 'link.txt', '/etc/passwd', '../../../../etc/passwd'])(
    'outside of it cannot, as %s: the guest gets an error number, its caller ERR_PERMISSION, the host a violation',
    async (path) => {
      const { host, p } = await open('read');
      const violations = collect(host, 'violation');
      const error = await rejection(p.call('read', path));
      expect(error).toMatchObject({ code: 'ERR_PERMISSION', plugin: 'p', details: { call: 'path_open' } });
      expect(violations).toMatchObject([
        { plugin: 'p', kind: 'fs', severity: 'high', callId: error.callId, detail: error.details },
      ]);
      expect((await p.call('read', 'inside.txt')).text()).toBe('from the mount');
    },
  );

  it('of a read mount cannot be written', async () => {
    const { data, host, p } = await open('read');
    const violations = collect(host, 'violation');
    const error = await rejection(p.call('write', 'new.txt'));
    expect(error).toMatchObject({ code: 'ERR_PERMISSION', details: { reason: 'read-only', mount: '/data' } });
    expect(error.message).toContain('"new.txt" in /data, which is granted for reading only');
    expect(violations).toMatchObject([{ plugin: 'p', kind: 'fs' }]);
    expect(existsSync(join(data, 'new.txt'))).toBe(false);
  });

  it('of a write mount can be written', async () => {
    const { data, p } = await open('write');
    await p.call('write', 'new.txt');
    expect(readFileSync(join(data, 'new.txt'), 'utf8')).toBe('written');
  });

  it('are none without a mount', async () => {
    const folder = temporaryFolder();
    const fs = { read: { '/data': folder } };
    const host = await openHost();
    const p = await host.load(plugin('p', wasi, { permissions: { fs } }));
    expect(toI32((await p.call('read', 'inside.txt')).bytes())).toBeGreaterThan(0);
  });
});
