import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { defineHostFunction, type HostOptions } from 'cordon';
import { describe, expect, it, onTestFinished } from 'vitest';
import { files } from '../fixtures/guests/files.js';
import { i32, toI32 } from '../fixtures/guests/guest.js';
import { caller, hostCaller, http, lab } from '../fixtures/guests/guests.js';
import { wasi } from '../fixtures/guests/wasi.js';
import { serve } from './loopback-server.js';
import { collect, next, openHost, plugin, rejection } from './open-host.js';
import { temporaryFolder } from './plugin-folder.js';

const audit = (options: HostOptions = {}) =>
  openHost({ mode: 'audit', quarantine: { maxViolations: 1 }, ...options });

/** A folder below the working directory, as audit mode wants it; gone after the test. */
function folderHere(): string {
  const folder = mkdtempSync(join(process.cwd(), 'test', 'tmp-audit-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

describe('HTTP in audit mode', () => {
  it('is let through, told once for each kind of request, and in the answer as it was used', async () => {
    const port = await serve((_, response) => response.end('ok'));
    const host = await audit();
    const violations = collect(host, 'violation');
    const p = await host.load(plugin('p', http, { permissions: { http: ['127.0.0.1'] } }));
    for (const path of ['/a', '/b', '/c']) {
      expect((await p.call('get', { url: `http://127.0.0.1:${port}${path}` })).text()).toBe('ok');
    }
    expect(violations).toMatchObject([
      { kind: 'http', plugin: 'p', callId: expect.any(String), detail: { audited: true, reason: 'grant' } },
    ]);
    expect(p.state).toBe('ready');
    expect(host.audit('p')).toEqual({
      http: [{ host: '127.0.0.1', schemes: ['http'], ports: [port], methods: ['GET'] }],
    });
  });

  it('has each hop of a redirect in the answer, and what a grant covers', async () => {
    const to = await serve((_, response) => response.end('end'));
    const from = await serve((_, response) =>
      response.writeHead(302, { location: `http://127.0.0.1:${to}/` }).end(),
    );
    const host = await audit({ grants: { p: { http: ['127.0.0.1'] } } });
    const violations = collect(host, 'violation');
    const p = await host.load(plugin('p', http, { permissions: { http: ['127.0.0.1'] } }));
    expect((await p.call('get', { url: `http://127.0.0.1:${from}/` })).text()).toBe('end');
    expect(violations).toEqual([]);
    const ports = [from, to].sort((a, b) => a - b);
    expect(host.audit('p').http).toEqual([{ host: '127.0.0.1', schemes: ['http'], ports, methods: ['GET'] }]);
  });

  it('stays refused where it goes to what is not public and not asked for: an error, not in the answer, no quarantine', async () => {
    let requests = 0;
    const port = await serve((_, response) => {
      requests++;
      response.end();
    });
    const host = await audit();
    const p = await host.load(plugin('p', http, { permissions: { http: ['*'] } }));
    for (const url of [`http://127.0.0.1:${port}/`, `http://localhost:${port}/`, 'http://169.254.169.254/']) {
      expect((await rejection(p.call('get', { url }))).code).toBe('ERR_PERMISSION');
    }
    expect(requests).toBe(0);
    expect(host.audit('p')).toEqual({});
    expect(p.state).not.toBe('quarantined');
  });
});

describe('files in audit mode', () => {
  it('that were asked for are mounted, and what was done in them is in the answer', async () => {
    const folder = folderHere();
    for (const name of ['in', 'out', 'unused']) mkdirSync(join(folder, name));
    writeFileSync(join(folder, 'in', 'f'), 'content');
    const here = (name: string) => `./${relative(process.cwd(), join(folder, name))}`;
    const host = await audit();
    const violations = collect(host, 'violation');
    const fs = { read: { '/in': here('in'), '/unused': here('unused') } };
    const reads = await host.load(plugin('reads', files, { permissions: { fs } }));
    expect(toI32((await reads.call('keep')).bytes())).toBe(0);
    expect(host.audit('reads')).toEqual({ fs: { read: { '/in': here('in') } } });
    expect(violations).toMatchObject([
      { plugin: 'reads', kind: 'fs', detail: { path: '/in', access: 'read', audited: true } },
    ]);
    const out = { write: { '/out': { path: here('out'), quotaBytes: '1MiB' } } };
    const writes = await host.load(plugin('writes', files, { permissions: { fs: out } }));
    expect(toI32((await writes.call('fill', i32(1))).bytes())).toBe(0);
    expect(host.audit('writes')).toEqual({
      fs: { write: { '/out': { path: here('out'), quotaBytes: 1_048_576 } } },
    });
  });

  it('of a read mount stay read-only: the write is refused, and in the answer', async () => {
    const folder = folderHere();
    const host = await audit();
    const path = `./${relative(process.cwd(), folder)}`;
    const p = await host.load(plugin('p', files, { permissions: { fs: { read: { '/in': path } } } }));
    expect((await rejection(p.call('fill', i32(1)))).code).toBe('ERR_PERMISSION');
    expect(host.audit('p')).toEqual({ fs: { write: { '/in': path } } });
  });

  it('outside of the working directory are not mounted, whatever leads there, and a warning tells', async () => {
    const outside = temporaryFolder();
    writeFileSync(join(outside, 'f'), 'secret');
    const link = join(folderHere(), 'link');
    symlinkSync(outside, link);
    for (const path of [outside, '..', '/', '.', `./${relative(process.cwd(), link)}`, './not-there']) {
      const host = await audit();
      const warned = next(host, 'warning', ({ topic }) => topic === 'audit');
      const p = await host.load(plugin('p', files, { permissions: { fs: { read: { '/in': path } } } }));
      expect(await warned).toMatchObject({ plugin: 'p', detail: { guestPath: '/in', hostPath: path } });
      expect(toI32((await p.call('keep')).bytes())).toBe(8); // EBADF: there is no mount
    }
  });

  it('that a grant covers are the folder of the grant', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'f'), 'content');
    const host = await audit({ grants: { p: { fs: { read: { '/in': folder } } } } });
    const violations = collect(host, 'violation');
    const p = await host.load(plugin('p', files, { permissions: { fs: { read: { '/in': './proposed' } } } }));
    expect(toI32((await p.call('keep')).bytes())).toBe(0);
    expect(host.audit('p')).toEqual({ fs: { read: { '/in': './proposed' } } });
    expect(violations).toEqual([]);
  });
});

describe('the environment in audit mode', () => {
  it('has what was asked for, and is in the answer once it was looked at', async () => {
    process.env.CORDON_TEST_AUDIT = 'seen';
    onTestFinished(() => {
      delete process.env.CORDON_TEST_AUDIT;
    });
    const host = await audit();
    const violations = collect(host, 'violation');
    const p = await host.load(plugin('p', wasi, { permissions: { env: ['CORDON_TEST_AUDIT'] } }));
    expect(host.audit('p')).toEqual({});
    expect((await p.call('environ')).text()).toBe('CORDON_TEST_AUDIT=seen\0');
    expect(host.audit('p')).toEqual({ env: ['CORDON_TEST_AUDIT'] });
    expect(violations).toMatchObject([
      { kind: 'env', detail: { names: ['CORDON_TEST_AUDIT'], audited: true } },
    ]);
  });
});

describe('host functions and plugins in audit mode', () => {
  const hostFunctions = {
    host: defineHostFunction({ params: ['text'], result: 'text' }, (text) => text.toUpperCase()),
  };

  it('can be imported and called, though nobody asked or granted', async () => {
    const host = await audit({ hostFunctions });
    const violations = collect(host, 'violation');
    const p = await host.load(plugin('p', hostCaller('host')));
    expect(host.audit('p')).toEqual({ hostFunctions: ['host'] }); // without it the plugin does not load
    expect((await p.call('twice', 'a')).text()).toBe('A');
    expect(violations).toMatchObject([
      { kind: 'host-function', callId: expect.any(String), detail: { hostFunction: 'host', audited: true } },
    ]);
  });

  it('that are optional are in the answer when they were called, as optional', async () => {
    const host = await audit({ hostFunctions });
    const permissions = { hostFunctions: [{ name: 'host', optional: true }] };
    const p = await host.load(plugin('p', hostCaller('host'), { permissions }));
    expect(host.audit('p')).toEqual({});
    await p.call('host', 'a');
    expect(host.audit('p')).toEqual({ hostFunctions: [{ name: 'host', optional: true }] });
  });

  it('that the host does not have stay missing', async () => {
    const host = await audit();
    expect((await rejection(host.load(plugin('p', hostCaller('host'))))).code).toBe('ERR_IMPORT');
  });

  it('can be called along no grant; dependencies are not in the answer', async () => {
    const host = await audit();
    const violations = collect(host, 'violation');
    await host.load([plugin('dependency', lab), plugin('other', lab)]);
    const calls = caller({
      mine: ['dependency', 'echo'],
      yours: ['other', 'echo'],
      nobody: ['nobody', 'echo'],
    });
    const p = await host.load(plugin('p', calls, { dependencies: { dependency: '*' } }));
    expect((await p.call('mine', 'x')).text()).toBe('x');
    expect((await p.call('yours', 'y')).text()).toBe('y');
    expect((await rejection(p.call('nobody'))).code).toBe('ERR_NOT_FOUND');
    expect(host.audit('p')).toEqual({ plugins: ['other'] });
    expect(violations).toMatchObject([{ kind: 'plugin-call', detail: { target: 'other', audited: true } }]);
  });
});

describe('an audit', () => {
  it('goes on over a reload, and is there after the unload', async () => {
    const host = await audit({ hostFunctions: { host: defineHostFunction({ params: ['text'] }, () => {}) } });
    await host.load(plugin('p', lab));
    expect(host.audit('p')).toEqual({});
    await host.unload('p');
    expect(host.audit('p')).toEqual({});
  });

  it('of a plugin that never ran, and in another mode, is an error', async () => {
    const host = await audit();
    expect(() => host.audit('nobody')).toThrow(expect.objectContaining({ code: 'ERR_NOT_FOUND' }));
    const enforcing = await openHost();
    await enforcing.load(plugin('p', lab));
    expect(() => enforcing.audit('p')).toThrow(expect.objectContaining({ code: 'ERR_STATE' }));
  });

  it('is enough: a host that grants it, to a plugin that asks for it, refuses nothing', async () => {
    const port = await serve((_, response) => response.end('ok'));
    const url = `http://127.0.0.1:${port}/`;
    const asked = { http: ['127.0.0.1', '*'] };
    const first = await audit();
    await (await first.load(plugin('p', http, { permissions: asked }))).call('get', { url });
    const permissions = JSON.parse(JSON.stringify(first.audit('p')));
    const second = await openHost({ grants: { p: permissions } });
    const violations = collect(second, 'violation');
    const p = await second.load(plugin('p', http, { permissions }));
    expect((await p.call('get', { url })).text()).toBe('ok');
    expect(violations).toEqual([]);
    expect((await rejection(p.call('get', { url: `http://127.0.0.1:${port + 1}/` }))).code).toBe(
      'ERR_PERMISSION',
    );
  });

  it('does not loosen limits: what goes past them leads to quarantine as ever', async () => {
    const host = await audit();
    const p = await host.load(plugin('p', lab));
    await rejection(p.call('bad_output'));
    expect(p.state).toBe('quarantined');
  });

  it('asks nobody', async () => {
    let asked = 0;
    const host = await audit({
      onPermissionRequest: async () => {
        asked++;
        return 'grant';
      },
    });
    await host.load(plugin('p', lab, { permissions: { env: ['LANG'] } }));
    expect(asked).toBe(0);
  });
});
