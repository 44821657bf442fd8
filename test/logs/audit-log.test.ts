import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createHost, type Host } from 'cordon';
import { type AuditLogOptions, auditLog } from 'cordon/logs';
import { describe, expect, it } from 'vitest';
import { fn, guest } from '../fixtures/guests/guest.js';
import { ECHO, http, lab } from '../fixtures/guests/guests.js';
import { openHost, plugin, rejection, silent } from '../host/open-host.js';
import { temporaryFolder, writePlugin } from '../host/plugin-folder.js';

type Line = Readonly<Record<string, unknown>>;

const open = async (host: Host, options: Partial<AuditLogOptions> = {}) => {
  const path = join(temporaryFolder(), 'audit.jsonl');
  const audit = await auditLog(host, { path, ...options });
  const text = () => readFileSync(path, 'utf8');
  const lines = (type?: string): Line[] =>
    text()
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Line)
      .filter((line) => type === undefined || line.type === type);
  return { audit, path, text, lines };
};

describe('an audit log', () => {
  it('tells the life of a plugin, what it was granted, and what it went against', async () => {
    const host = await openHost({ grants: { p: { http: ['api.example.com'] } } });
    const { lines } = await open(host);
    const p = await host.load(
      plugin('p', http, { permissions: { http: ['api.example.com', 'evil.example.com'] } }),
    );
    await rejection(p.call('get', { url: 'http://evil.example.com/' }));
    await p.call('echo', 'x');
    await host.close();
    expect(lines()[0]).toMatchObject({ type: 'opened', cordon: expect.any(String), pid: process.pid });
    expect(lines('lifecycle').map(({ from, to }) => `${from} ${to}`)).toEqual([
      'resolved loading',
      'loading ready',
      'running idle', // the refusal cost the instance
      'idle loading',
      'loading ready',
      'ready draining',
      'draining unloaded',
    ]);
    expect(lines('grant')).toMatchObject([
      {
        plugin: 'p',
        version: '1.0.0',
        integrity: expect.stringMatching(/^sha256-/),
        permissions: { http: [{ host: 'api.example.com' }], refused: { http: [expect.anything()] } },
      },
    ]);
    expect(lines('violation')).toMatchObject([{ plugin: 'p', kind: 'http', callId: expect.any(String) }]);
    expect(lines().at(-1)).toMatchObject({ type: 'closed', dropped: 0 });
    for (const { time } of lines()) expect(new Date(time as string).toISOString()).toBe(time);
  });

  it('loses no line when the host is closed at once', async () => {
    const host = await openHost();
    const { lines } = await open(host, { calls: true });
    const p = await host.load(plugin('p', lab));
    const calls = Array.from({ length: 500 }, (_, i) => p.call('echo', String(i)));
    await host.close();
    await Promise.all(calls);
    expect(lines('call')).toHaveLength(500);
    expect(lines('lifecycle').at(-1)).toMatchObject({ to: 'unloaded' });
    expect(lines().at(-1)).toMatchObject({ type: 'closed' });
  });

  it('tells what a plugin that was loaded before has, and of a reload', async () => {
    const folder = temporaryFolder();
    writePlugin(join(folder, 'p'), lab, { name: 'p' });
    const host = await openHost({ catalog: [folder] });
    await host.load('p');
    const { audit, lines } = await open(host);
    writePlugin(join(folder, 'p'), lab, { name: 'p', version: '1.1.0', permissions: { env: ['LANG'] } });
    await host.reload('p');
    await audit.flush();
    expect(lines('grant')).toMatchObject([
      { version: '1.0.0' },
      { version: '1.1.0', permissions: { refused: { env: [expect.anything()] } } },
    ]);
    expect(lines('reloaded')).toMatchObject([{ plugin: 'p', version: '1.1.0', fromVersion: '1.0.0' }]);
  });

  it('has no secret, and no control character that JSON would leave', async () => {
    const secret = 'sk-live-4f9d2a77';
    const host = await openHost({ config: { p: { key: { secret } } } });
    const { text, lines } = await open(host, { calls: true });
    await host.load(plugin('p', lab));
    host.quarantine('p', `knows ${secret}\u001b[2J\u202e\u2028\n{"type":"forged"}`);
    await host.close();
    const { reason } = lines('lifecycle').find(({ to }) => to === 'quarantined')!;
    expect(reason).toContain('knows [secret]');
    expect(text()).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e\u2028]/);
    expect(text()).not.toContain(secret);
  });

  it('ends before its host if it is wanted to, and as often', async () => {
    const host = await openHost();
    const { audit, lines } = await open(host);
    await Promise.all([audit.close(), audit.close(), audit[Symbol.asyncDispose]()]);
    await host.load(plugin('p', lab));
    await host.close();
    expect(lines().map(({ type }) => type)).toEqual(['opened', 'closed']);
    expect(host.listenerCount('lifecycle')).toBe(0);
  });

  it('keeps to its sizes', async () => {
    const host = await openHost();
    const { path } = await open(host, { maxFileBytes: 2048, maxFiles: 2, calls: true });
    const p = await host.load(plugin('p', lab));
    for (let i = 0; i < 50; i++) await p.call('echo');
    await host.close();
    for (const file of [path, `${path}.1`]) expect(readFileSync(file).byteLength).toBeLessThanOrEqual(2048);
    expect(() => readFileSync(`${path}.2`)).toThrow('ENOENT');
  });

  it('drops lines where the disk cannot follow, and says how many', async () => {
    const host = await openHost();
    const { audit, lines } = await open(host, { maxQueuedBytes: 1024, calls: true });
    const p = await host.load(
      plugin(
        'p',
        guest(() => `${ECHO} ${fn('nothing', '')}`),
      ),
    );
    await Promise.all(Array.from({ length: 200 }, () => p.call('nothing')));
    await host.close();
    const told = lines('dropped').reduce((sum, { count }) => sum + (count as number), 0);
    expect(told).toBe(audit.dropped);
    expect(lines().filter(({ type }) => type === 'call').length + told).toBeGreaterThanOrEqual(200);
  });

  it.each([
    ['no path', {}, 'path'],
    ['an unknown key', { path: 'x', maxFile: 1 }, '"maxFiles"'],
    ['a tiny file', { path: 'x', maxFileBytes: 10 }, 'from 1024 bytes'],
    ['no file', { path: 'x', maxFiles: 0 }, 'from 2 to 1000'],
  ])('is not made with %s', async (_, options, part) => {
    const host = await openHost();
    const error = await rejection(auditLog(host, options as AuditLogOptions));
    expect(error.code).toBe('ERR_OPTIONS');
    expect(error.message).toContain(part);
  });

  it('is not made where it cannot be written, nor of a closed host, nor of something else', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'file'), '');
    const host = await createHost({ logger: silent });
    const below = await rejection(auditLog(host, { path: join(folder, 'file', 'audit') }));
    expect(below.code).toBe('ERR_OPTIONS');
    await host.close();
    expect((await rejection(auditLog(host, { path: join(folder, 'audit') }))).code).toBe('ERR_CLOSED');
    expect((await rejection(auditLog({} as Host, { path: 'x' }))).code).toBe('ERR_OPTIONS');
  });
});
