import { execFileSync } from 'node:child_process';
import {
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ALL, CREATE } from './attacks/attack.js';
import { LIMITS_AND_POINTERS } from './attacks/limits-and-pointers.js';
import { LINKS } from './attacks/links.js';
import { WAYS_OUT } from './attacks/ways-out.js';
import { WRITES_TO_READ_MOUNTS } from './attacks/writes-to-read-mounts.js';
import { JsGuest, OFLAG } from './js-guest.js';
import { TemporaryFolder } from './temporary-folder.js';

const SECRET = 'the secret outside';

/** Everything that a change to a tree would change. */
function snapshot(path: string): unknown {
  const stat = lstatSync(path, { bigint: true });
  const facts = [stat.ino, stat.mode, stat.nlink, stat.size, stat.mtimeNs, stat.ctimeNs].map(String);
  if (stat.isSymbolicLink()) return [...facts, readlinkSync(path)];
  if (stat.isFile()) return [...facts, readFileSync(path, 'hex')];
  if (!stat.isDirectory()) return facts;
  return [...facts, Object.fromEntries(readdirSync(path).map((name) => [name, snapshot(join(path, name))]))];
}

/**
 * One directory: `read` and `write` are mounted as descriptors 3 and 4, the guest's scratch is 5, and everything else
 * is none of its business.
 */
let world: TemporaryFolder;
let guest: JsGuest;
let outside: string;

beforeEach(() => {
  world = new TemporaryFolder();
  for (const name of ['read', 'write', 'outside', 'outside/empty']) mkdirSync(world.at(name));
  outside = world.at('outside');
  writeFileSync(join(outside, 'secret'), SECRET);
  for (const mount of ['read', 'write']) {
    writeFileSync(world.at(mount, 'file'), 'inside');
    mkdirSync(world.at(mount, 'dir'));
    writeFileSync(world.at(mount, 'dir/file'), 'inside dir');
    symlinkSync('../outside/secret', world.at(mount, 'link'));
    symlinkSync(join(outside, 'secret'), world.at(mount, 'absolute-link'));
    symlinkSync('../outside', world.at(mount, 'dirlink'));
    symlinkSync('../outside/created', world.at(mount, 'dangling'));
    symlinkSync('file', world.at(mount, 'inner-link'));
    symlinkSync('loop', world.at(mount, 'loop'));
    symlinkSync('/proc/self', world.at(mount, 'proc'));
    symlinkSync('/dev', world.at(mount, 'dev'));
    execFileSync('mkfifo', [world.at(mount, 'fifo')]);
  }
  linkSync(join(outside, 'secret'), world.at('write', 'hard'));
  linkSync(join(outside, 'secret'), world.at('read', 'hard'));
  guest = new JsGuest({
    mounts: [
      { guestPath: '/read', hostPath: world.at('read'), access: 'read' },
      { guestPath: '/write', hostPath: world.at('write'), access: 'write' },
    ],
    scratch: [{ guestPath: '/tmp', maxBytes: 64 * 1024 }],
    limits: { openFiles: 8, fileBytes: 4096 },
  });
});
afterEach(() => {
  guest.wasi.dispose();
  world[Symbol.dispose]();
});

const attacks = [...WAYS_OUT, ...LINKS, ...WRITES_TO_READ_MOUNTS, ...LIMITS_AND_POINTERS];

describe.runIf(process.platform === 'linux')('an attack on the file system', () => {
  it.each(attacks)('by $name answers $errno and touches nothing outside', ({ run, errno, reason }) => {
    const before = [snapshot(outside), snapshot(world.at('read'))];
    expect(run(guest)).toBe(errno);
    expect([snapshot(outside), snapshot(world.at('read'))]).toEqual(before);
    expect(readdirSync(world.at('write'))).not.toContain('never');
    expect(guest.violations.map(({ detail }) => detail.reason)).toEqual(reason === undefined ? [] : [reason]);
    for (const { kind, message } of guest.violations) {
      expect(kind).toBe('fs');
      expect(message).not.toContain(outside);
    }
    // The guest is as usable as before.
    for (let fd = 6; fd < 20; fd++) guest.call('fd_close', fd);
    expect(guest.read(guest.open('file').fd)).toBe('inside');
  });

  it('removes a link itself, never what it leads to', () => {
    const before = snapshot(outside);
    expect(guest.path('path_unlink_file', 'link', 4)).toBe('SUCCESS');
    expect(guest.path('path_unlink_file', 'dirlink', 4)).toBe('SUCCESS');
    expect(guest.path('path_unlink_file', 'fifo', 4)).toBe('SUCCESS');
    expect(snapshot(outside)).toEqual(before);
  });

  it('replaces a link by a rename, never what it leads to', () => {
    expect(guest.rename('file', 'link', { fd: 4 })).toBe('SUCCESS');
    expect(guest.rename('link', 'hard', { fd: 4 })).toBe('SUCCESS');
    expect(readFileSync(join(outside, 'secret'), 'utf8')).toBe(SECRET);
    expect(lstatSync(world.at('write/hard')).isFile()).toBe(true);
  });

  it('reads a hard link, whose name is in the mount', () => {
    expect(guest.read(guest.open('hard').fd)).toBe(SECRET);
  });

  it('refuses a socket', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(world.at('read/socket'), resolve));
    try {
      expect(guest.open('socket').errno).toBe('NOTCAPABLE');
      expect(guest.stat('socket')).toBe('SUCCESS');
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  });

  it('refuses a device', (context) => {
    try {
      execFileSync('mknod', [world.at('read/device'), 'c', '1', '5'], { stdio: 'ignore' });
    } catch {
      context.skip('making a device takes root');
    }
    expect(guest.open('device').errno).toBe('NOTCAPABLE');
    expect(guest.violations).toMatchObject([{ detail: { reason: 'special-file' } }]);
  });

  it('stays in a directory that is swapped for a link while it is open', () => {
    writeFileSync(join(outside, 'file'), SECRET);
    const { fd } = guest.open('dir', { ...ALL, fd: 4, oflags: OFLAG.folder });
    renameSync(world.at('write/dir'), world.at('moved'));
    symlinkSync(outside, world.at('write/dir'));
    const before = snapshot(outside);
    expect(guest.read(guest.open('file', { fd }).fd)).toBe('inside dir');
    expect(guest.path('path_unlink_file', 'file', fd)).toBe('SUCCESS');
    expect(guest.open('new', { ...CREATE, fd }).errno).toBe('SUCCESS');
    expect(guest.open('dir/file', { fd: 4 }).errno).toBe('LOOP');
    expect(readdirSync(world.at('moved'))).toEqual(['new']);
    expect(snapshot(outside)).toEqual(before);
  });

  it('shows nothing of the kernel through a mount of the whole disk', () => {
    using whole = new JsGuest({ mounts: [{ guestPath: '/', hostPath: '/', access: 'read' }] });
    expect(whole.open('proc/self/environ').errno).toMatch(/LOOP|NOTCAPABLE/);
    expect(whole.open(`proc/${process.pid}/environ`).errno).toBe('NOTCAPABLE');
    expect(whole.open('proc').errno).toBe('NOTCAPABLE');
    expect(whole.open('sys/kernel').errno).toBe('NOTCAPABLE');
    expect(whole.open('dev/null').errno).toBe('NOTCAPABLE');
    expect(whole.violations.some(({ detail }) => detail.reason === 'pseudo-filesystem')).toBe(true);
    expect(whole.open(world.at('read/file').slice(1)).errno).toBe('SUCCESS');
  });

  it('gets no descriptor of the host that stays open after a refusal', () => {
    const open = () => readdirSync('/proc/self/fd').length;
    const before = open();
    for (const { run } of attacks) {
      run(guest);
      guest.wasi.flush();
      for (let fd = 6; fd < 20; fd++) guest.call('fd_close', fd);
    }
    expect(open()).toBe(before);
    guest.wasi.dispose();
    expect(open()).toBe(before - 2);
  });

  it('finds the same refusals told once, with what they were about', () => {
    guest.open('../x');
    expect(guest.violations).toEqual([
      {
        denial: true,
        kind: 'fs',
        message: 'The path "../x" leaves its directory',
        detail: { call: 'path_open', errno: 'ENOTCAPABLE', reason: 'escape' },
      },
    ]);
    guest.path('path_unlink_file', '\u001b[31mx');
    expect(guest.violations[1]).toEqual({
      denial: true,
      kind: 'fs',
      message:
        'The guest tried to change "\\u001b[31mx" in /read, which is granted for reading only (permissions.fs.read)',
      detail: { call: 'path_unlink_file', errno: 'EROFS', reason: 'read-only', mount: '/read' },
    });
  });
});

describe('a mount', () => {
  const refused = (hostPath: string) => () =>
    new JsGuest({ mounts: [{ guestPath: '/m', hostPath, access: 'read' }] });
  const options = expect.objectContaining({ code: 'ERR_OPTIONS' });

  it.runIf(process.platform === 'linux')('of a pseudo file system is refused', () => {
    expect(refused('/proc')).toThrow(options);
    expect(refused('/sys')).toThrow(options);
  });

  it('of a file, a link, nothing or a relative path is refused, and opens nothing', () => {
    expect(refused(world.at('read/file'))).toThrow(options);
    expect(refused(world.at('read/dirlink'))).toThrow(options);
    expect(refused(`${world.at('read/dirlink')}/`)).toThrow(options);
    expect(refused(world.at('missing'))).toThrow(/ENOENT/);
    expect(refused('read')).toThrow(options);
    expect(() => new JsGuest({ mounts: [{ guestPath: '', hostPath: world.path, access: 'read' }] })).toThrow(
      options,
    );
  });

  it('whose directory goes is empty, not another', () => {
    rmSync(world.at('read'), { recursive: true });
    mkdirSync(world.at('read'));
    writeFileSync(world.at('read/file'), SECRET);
    expect(guest.open('file').errno).toMatch(/NOENT|STALE/);
  });
});
