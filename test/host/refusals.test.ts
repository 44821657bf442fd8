import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HostOptions } from 'cordon';
import { describe, expect, it } from 'vitest';
import { files, leavesAtStart } from '../fixtures/guests/files.js';
import { i32, toI32 } from '../fixtures/guests/guest.js';
import { collect, openHost, plugin, rejection } from './open-host.js';
import { temporaryFolder } from './plugin-folder.js';

/** A plugin with a read mount that holds "f", and a write mount. */
async function open(options: HostOptions = {}) {
  const folder = temporaryFolder();
  for (const name of ['in', 'out']) {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, 'f'), 'content');
  }
  const fs = { write: { '/in': join(folder, 'in'), '/out': join(folder, 'out') } };
  const host = await openHost({ grants: { p: { fs } }, ...options });
  const violations = collect(host, 'violation');
  return { host, violations, p: await host.load(plugin('p', files, { permissions: { fs } })) };
}

const DENIED = { code: 'ERR_PERMISSION', plugin: 'p', details: { reason: 'escape', errno: 'ENOTCAPABLE' } };

describe('a guest that was refused a file', () => {
  it.each([
    ['leave', 'answers as if nothing had happened'],
    ['leave_fail', 'reports an error of its own'],
    ['leave_trap', 'traps'],
    ['leave_exit_0', 'exits as if all were well'],
    ['leave_exit_3', 'exits with a code'],
  ])('and then %s (it %s) ends its call with ERR_PERMISSION', async (fn) => {
    const { violations, p } = await open();
    const error = await rejection(p.call(fn));
    expect(error).toMatchObject(DENIED);
    expect(error.message).toContain(`"${fn}" of p@1.0.0`);
    expect(violations).toMatchObject([{ kind: 'fs', callId: error.callId }]);
    expect((await p.call('echo', 'next')).text()).toBe('next');
  });

  it('is told with what it said itself', async () => {
    const { p } = await open();
    const error = await rejection(p.call('leave_fail'));
    expect(error.message).toContain('no such file: ../out');
    expect(error.details).toMatchObject({ guestError: 'no such file: ../out' });
  });

  it('keeps its instance where it came back, and loses it where it did not', async () => {
    const { host, p } = await open();
    await rejection(p.call('leave'));
    expect(host.info('p').instances).toBe(1);
    await rejection(p.call('leave_trap'));
    expect(host.info('p').instances).toBe(0);
  });

  it('and then does not come back is stopped by its limit, which is what the caller hears of', async () => {
    const { violations, p } = await open();
    expect((await rejection(p.call('leave_spin', '', { timeoutMs: 100 }))).code).toBe('ERR_TIMEOUT');
    expect(violations.map(({ kind }) => kind).sort()).toEqual(['fs', 'timeout']);
  });

  it('while it starts does not start', async () => {
    const fs = { read: { '/in': temporaryFolder() } };
    const host = await openHost({ grants: { p: { fs } } });
    const violations = collect(host, 'violation');
    const error = await rejection(host.load(plugin('p', leavesAtStart, { permissions: { fs } })));
    expect(error).toMatchObject({ code: 'ERR_PERMISSION', plugin: 'p' });
    expect(error.message).toContain('start-up');
    expect(violations.map(({ kind }) => kind)).toContain('fs');
    expect(host.list()).toEqual([]);
  });
});

describe('what is no refusal', () => {
  it('a limit on files: the guest gets its error number, its call goes on, and it is a violation', async () => {
    const { violations, p } = await open({ limits: { fileBytes: 64 * 1024 } });
    expect(toI32((await p.call('fill', i32(2))).bytes())).toBe(22);
    expect(violations).toMatchObject([{ kind: 'fs', detail: { reason: 'file-bytes', errno: 'EFBIG' } }]);
  });

  it('a rename between two mounts: EXDEV, after which programs copy', async () => {
    const { violations, p } = await open();
    expect(toI32((await p.call('rename')).bytes())).toBe(75);
    expect(violations).toEqual([]);
  });
});
