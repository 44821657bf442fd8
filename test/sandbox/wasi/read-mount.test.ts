import { mkdirSync, readFileSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ALL_RIGHTS, JsGuest, OFLAG, READ, RESULT, WRITE } from './js-guest.js';
import { TemporaryFolder } from './temporary-folder.js';

const CREATE = { oflags: OFLAG.create, rights: ALL_RIGHTS };

describe('a read mount', () => {
  it('reads, describes and lists', () => {
    using temporary = new TemporaryFolder();
    mkdirSync(temporary.at('d'));
    writeFileSync(temporary.at('d/f'), 'content');
    utimesSync(temporary.at('d/f'), 1, 2);
    symlinkSync('f', temporary.at('d/link'));
    using guest = new JsGuest({ mounts: [{ guestPath: '/m', hostPath: temporary.path, access: 'read' }] });
    expect(guest.read(guest.open('d/f').fd)).toBe('content');
    expect(guest.stat('d/f')).toBe('SUCCESS');
    expect(guest.u64(RESULT + 48)).toBe(2_000_000_000n);
    expect(guest.u64(RESULT + 8)).toBe(statSync(temporary.at('d/f'), { bigint: true }).ino);
    expect(guest.stat('d/link', { follow: 0 })).toBe('SUCCESS');
    expect(guest.view.getUint8(RESULT + 16)).toBe(7);
    const { fd } = guest.open('d', { rights: ALL_RIGHTS, oflags: OFLAG.folder });
    expect(Object.fromEntries(guest.list(fd).map(({ name, type }) => [name, type]))).toEqual({
      '.': 3,
      '..': 3,
      f: 4,
      link: 7,
    });
    expect(guest.violations).toEqual([]);
  });

  it('opens with every right that a library asks for, less those to write', () => {
    using temporary = new TemporaryFolder();
    mkdirSync(temporary.at('d'));
    using guest = new JsGuest({ mounts: [{ guestPath: '/m', hostPath: temporary.path, access: 'read' }] });
    const { fd } = guest.open('d', { rights: ALL_RIGHTS, oflags: OFLAG.folder });
    guest.call('fd_fdstat_get', fd, RESULT);
    const writing = (1n << 6n) | (1n << 8n) | (1n << 9n) | (1n << 10n) | (1n << 22n) | (1n << 26n);
    expect(guest.u64(RESULT + 8) & writing).toBe(0n);
    expect(guest.u64(RESULT + 16) & writing).toBe(0n);
    expect(guest.u64(RESULT + 16) & READ).toBe(READ);
  });

  it('answers ELOOP, and reports nothing, to a guest that asks not to follow links', () => {
    using temporary = new TemporaryFolder();
    symlinkSync('f', temporary.at('link'));
    using guest = new JsGuest({ mounts: [{ guestPath: '/m', hostPath: temporary.path, access: 'read' }] });
    const args = [OFLAG.folder, READ, READ, 0, RESULT];
    expect(guest.call('path_open', 3, 0, ...guest.put('link'), ...args)).toBe('LOOP');
    expect(guest.violations).toEqual([]);
    expect(guest.call('path_open', 3, 1, ...guest.put('link'), ...args)).toBe('LOOP');
    expect(guest.violations).toHaveLength(1);
  });

  it('is read by a library that asks for the right to set a size with it, as Go does', () => {
    using temporary = new TemporaryFolder();
    writeFileSync(temporary.at('f'), 'content');
    using guest = new JsGuest({ mounts: [{ guestPath: '/m', hostPath: temporary.path, access: 'read' }] });
    expect(guest.read(guest.open('f', { rights: ALL_RIGHTS & ~WRITE }).fd)).toBe('content');
    expect(guest.violations).toEqual([]);
  });

  it('of another kind beside it keeps its own access', () => {
    using read = new TemporaryFolder();
    using write = new TemporaryFolder();
    writeFileSync(read.at('f'), 'from read');
    using guest = new JsGuest({
      mounts: [
        { guestPath: '/r', hostPath: read.path, access: 'read' },
        { guestPath: '/w', hostPath: `${write.path}/`, access: 'write' },
      ],
      scratch: [{ guestPath: '/s', maxBytes: 10_000 }],
    });
    const text = guest.read(guest.open('f', { fd: 3 }).fd);
    guest.write(guest.open('copy', { ...CREATE, fd: 4 }).fd, text);
    guest.write(guest.open('copy', { ...CREATE, fd: 5 }).fd, text);
    expect(readFileSync(write.at('copy'), 'utf8')).toBe('from read');
    const devices = [3, 4, 5].map((fd) => {
      guest.call('fd_filestat_get', fd, RESULT);
      return guest.u64();
    });
    expect(devices).toEqual([1n, 2n, 3n]);
  });
});
