import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { WasiOptions } from '../../../src/sandbox/wasi/create-wasi.js';
import { ALL_RIGHTS, DATA, JsGuest, OFLAG, READ, RESULT, WRITE } from './js-guest.js';
import { TemporaryFolder } from './temporary-folder.js';

const CREATE = { oflags: OFLAG.create, rights: ALL_RIGHTS };

describe.each(['a write mount', 'a scratch mount'] as const)('%s', (kind) => {
  let temporary: TemporaryFolder;
  let guest: JsGuest;

  function start(options: Partial<WasiOptions> = {}): JsGuest {
    return new JsGuest({
      ...(kind === 'a write mount'
        ? { mounts: [{ guestPath: '/m', hostPath: temporary.path, access: 'write' }] }
        : { scratch: [{ guestPath: '/m', maxBytes: 4 * 1024 * 1024 }] }),
      ...options,
    });
  }

  beforeEach(() => {
    temporary = new TemporaryFolder();
    guest = start();
  });
  afterEach(() => {
    expect(guest.violations).toEqual([]);
    guest.wasi.dispose();
    temporary[Symbol.dispose]();
  });

  it('is announced as a preopened directory', () => {
    expect(guest.call('fd_prestat_get', 3, RESULT)).toBe('SUCCESS');
    expect([guest.u32(), guest.u32(RESULT + 4)]).toEqual([0, 2]);
    expect(guest.call('fd_prestat_dir_name', 3, DATA, 2)).toBe('SUCCESS');
    expect(guest.text(DATA, 2)).toBe('/m');
    expect(guest.call('fd_prestat_dir_name', 3, DATA, 1)).toBe('NAMETOOLONG');
    expect(guest.call('fd_prestat_get', 4, RESULT)).toBe('BADF');
  });

  it('keeps what is written, at the position where it is written', () => {
    const { fd } = guest.open('f', CREATE);
    expect(guest.write(fd, 'hello world')).toBe('SUCCESS');
    expect(guest.u32()).toBe(11);
    expect(guest.call('fd_seek', fd, -5n, 2, RESULT)).toBe('SUCCESS');
    expect(guest.u64()).toBe(6n);
    expect(guest.read(fd)).toBe('world');
    expect(guest.call('fd_tell', fd, RESULT)).toBe('SUCCESS');
    expect(guest.u64()).toBe(11n);
    expect(guest.read(fd)).toBe('');
    expect(guest.call('fd_pwrite', fd, ...guest.iovecs(guest.put('W', DATA)), 6n, RESULT)).toBe('SUCCESS');
    expect(guest.call('fd_pread', fd, ...guest.iovecs([DATA, 3], [DATA + 10, 2]), 5n, RESULT)).toBe(
      'SUCCESS',
    );
    expect([guest.u32(), guest.text(DATA, 3), guest.text(DATA + 10, 2)]).toEqual([5, ' Wo', 'rl']);
    expect(guest.call('fd_tell', fd, RESULT)).toBe('SUCCESS');
    expect(guest.u64()).toBe(11n);
  });

  it('gathers and scatters over several buffers', () => {
    const { fd } = guest.open('f', CREATE);
    const one = guest.put('one ', DATA);
    const two = guest.put('two', DATA + 100);
    expect(guest.call('fd_write', fd, ...guest.iovecs(one, [0, 0], two), RESULT)).toBe('SUCCESS');
    expect(guest.u32()).toBe(7);
    guest.call('fd_seek', fd, 0n, 0, RESULT);
    expect(guest.call('fd_read', fd, ...guest.iovecs([DATA, 2], [DATA + 50, 100]), RESULT)).toBe('SUCCESS');
    expect([guest.u32(), guest.text(DATA, 2), guest.text(DATA + 50, 5)]).toEqual([7, 'on', 'e two']);
  });

  it('refuses seeks to nowhere', () => {
    const { fd } = guest.open('f', CREATE);
    expect(guest.call('fd_seek', fd, -1n, 0, RESULT)).toBe('INVAL');
    expect(guest.call('fd_seek', fd, 0n, 3, RESULT)).toBe('INVAL');
    expect(guest.call('fd_seek', fd, 1n << 60n, 0, RESULT)).toBe('OVERFLOW');
    expect(guest.call('fd_pread', fd, 0, 0, -1n, RESULT)).toBe('OVERFLOW');
  });

  it('appends where the flag says so, also after it is set later', () => {
    const { fd } = guest.open('f', CREATE);
    guest.write(fd, 'abc');
    const other = guest.open('f', { rights: ALL_RIGHTS, flags: 1 });
    guest.write(other.fd, 'd');
    guest.call('fd_seek', fd, 0n, 0, RESULT);
    expect(guest.call('fd_fdstat_set_flags', fd, 1)).toBe('SUCCESS');
    guest.write(fd, 'e');
    guest.call('fd_seek', fd, 0n, 0, RESULT);
    expect(guest.read(fd)).toBe('abcde');
    expect(guest.call('fd_fdstat_set_flags', fd, 2)).toBe('NOTSUP');
    expect(guest.call('fd_fdstat_get', fd, RESULT)).toBe('SUCCESS');
    expect(guest.view.getUint16(RESULT + 2, true)).toBe(1);
  });

  it('truncates on open, and by size', () => {
    guest.write(guest.open('f', CREATE).fd, 'abcdef');
    const { fd } = guest.open('f', { oflags: OFLAG.truncate, rights: ALL_RIGHTS });
    expect(guest.read(fd)).toBe('');
    expect(guest.call('fd_filestat_set_size', fd, 3n)).toBe('SUCCESS');
    expect(guest.call('fd_allocate', fd, 2n, 8n)).toBe('SUCCESS');
    expect(guest.call('fd_allocate', fd, 0n, 4n)).toBe('SUCCESS');
    expect(guest.call('fd_allocate', fd, 0n, 0n)).toBe('INVAL');
    expect(guest.read(fd)).toBe('\0'.repeat(10));
  });

  it('creates exclusively', () => {
    const exclusive = { oflags: OFLAG.create | OFLAG.exclusive, rights: ALL_RIGHTS };
    expect(guest.open('f', exclusive).errno).toBe('SUCCESS');
    expect(guest.open('f', exclusive).errno).toBe('EXIST');
    expect(guest.open('missing').errno).toBe('NOENT');
  });

  it('describes files and directories', () => {
    guest.write(guest.open('f', CREATE).fd, 'abc');
    guest.path('path_create_directory', 'd');
    expect(guest.stat('f')).toBe('SUCCESS');
    expect(guest.u64(RESULT)).toBe(1n);
    expect(guest.view.getUint8(RESULT + 16)).toBe(4);
    expect(guest.u64(RESULT + 24)).toBe(1n);
    expect(guest.u64(RESULT + 32)).toBe(3n);
    const inode = guest.u64(RESULT + 8);
    expect(guest.stat('d/../f', { follow: 0 })).toBe('SUCCESS');
    expect(guest.u64(RESULT + 8)).toBe(inode);
    for (const path of ['d', 'd/', './d/.', '.', 'd/..']) {
      expect(guest.stat(path), path).toBe('SUCCESS');
      expect(guest.view.getUint8(RESULT + 16), path).toBe(3);
    }
    expect(guest.stat('f/')).toBe('NOTDIR');
    expect(guest.stat('f/..')).toBe('NOTDIR');
    expect(guest.stat('missing/../f')).toBe('NOENT');
  });

  it('opens directories and works below them', () => {
    guest.path('path_create_directory', 'd');
    const { fd } = guest.open('d', { oflags: OFLAG.folder, rights: ALL_RIGHTS });
    expect(guest.path('path_create_directory', 'e/', fd)).toBe('SUCCESS');
    expect(guest.open('e/f', { ...CREATE, fd }).errno).toBe('SUCCESS');
    expect(guest.stat('d/e/f')).toBe('SUCCESS');
    expect(guest.rename('e/f', 'g', { fd, toFd: 3 })).toBe('SUCCESS');
    expect(guest.stat('g')).toBe('SUCCESS');
    expect(guest.path('path_remove_directory', 'e', fd)).toBe('SUCCESS');
    expect(guest.call('fd_filestat_get', fd, RESULT)).toBe('SUCCESS');
    expect(guest.view.getUint8(RESULT + 16)).toBe(3);
    expect(guest.open('.', { fd }).errno).toBe('SUCCESS');
  });

  it('tells files and directories apart', () => {
    guest.open('f', CREATE);
    guest.path('path_create_directory', 'd');
    expect(guest.open('f', { oflags: OFLAG.folder }).errno).toBe('NOTDIR');
    expect(guest.open('f/').errno).toBe('NOTDIR');
    expect(guest.open('f/x').errno).toBe('NOTDIR');
    expect(guest.open('d', { rights: READ | WRITE }).errno).toBe('ISDIR');
    expect(guest.open('d', CREATE).errno).toBe('ISDIR');
    expect(guest.open('d', { oflags: OFLAG.truncate }).errno).toBe('ISDIR');
    expect(guest.open('d', { oflags: OFLAG.create | OFLAG.exclusive }).errno).toBe('EXIST');
    expect(guest.open('d/', { oflags: OFLAG.create }).errno).toBe('ISDIR');
    expect(guest.open('x', { oflags: OFLAG.create | OFLAG.folder }).errno).toBe('INVAL');
    expect(guest.open('x', { oflags: 16 }).errno).toBe('INVAL');
    expect(guest.open('x', { flags: 32 }).errno).toBe('INVAL');
    const { fd } = guest.open('d');
    expect(guest.call('fd_read', fd, 0, 0, RESULT)).toBe('ISDIR');
    expect(guest.call('fd_write', fd, 0, 0, RESULT)).toBe('ISDIR');
    expect(guest.call('fd_seek', fd, 0n, 0, RESULT)).toBe('ISDIR');
    expect(guest.call('fd_readdir', guest.open('f').fd, DATA, 9, 0n, RESULT)).toBe('NOTDIR');
    expect(guest.open('x', { fd: guest.open('f').fd }).errno).toBe('NOTDIR');
  });

  it('removes names', () => {
    guest.open('f', CREATE);
    guest.path('path_create_directory', 'd');
    expect(guest.path('path_create_directory', 'd')).toBe('EXIST');
    expect(guest.path('path_create_directory', '.')).toBe('EXIST');
    expect(guest.path('path_unlink_file', 'd')).toBe('ISDIR');
    expect(guest.path('path_unlink_file', 'd/')).toBe('ISDIR');
    expect(guest.path('path_unlink_file', 'f/')).toBe('NOTDIR');
    expect(guest.path('path_unlink_file', '.')).toBe('ISDIR');
    expect(guest.path('path_remove_directory', 'f')).toBe('NOTDIR');
    expect(guest.path('path_remove_directory', '.')).toBe('INVAL');
    expect(guest.path('path_unlink_file', 'f')).toBe('SUCCESS');
    expect(guest.path('path_remove_directory', 'd/')).toBe('SUCCESS');
    expect(guest.list().map(({ name }) => name)).toEqual(['.', '..']);
  });

  it('renames as POSIX does', () => {
    guest.open('f', CREATE);
    guest.path('path_create_directory', 'd');
    expect(guest.rename('f', 'd')).toBe('ISDIR');
    expect(guest.rename('f', 'x/')).toBe('NOTDIR');
    expect(guest.rename('.', 'x')).toBe('INVAL');
    expect(guest.rename('d', 'd/e')).toBe('INVAL');
    expect(guest.rename('f', 'f')).toBe('SUCCESS');
    expect(guest.rename('f', 'd/f')).toBe('SUCCESS');
    expect(guest.rename('d/', 'e/')).toBe('SUCCESS');
    expect(guest.stat('e/f')).toBe('SUCCESS');
  });

  it('keeps a file that is open when its name goes', () => {
    const { fd } = guest.open('f', CREATE);
    guest.write(fd, 'still here');
    guest.path('path_unlink_file', 'f');
    guest.call('fd_seek', fd, 0n, 0, RESULT);
    expect(guest.read(fd)).toBe('still here');
    guest.call('fd_filestat_get', fd, RESULT);
    expect(guest.u64(RESULT + 24)).toBe(0n);
  });

  it.each([24, 30, 64, 4096])('lists a directory through a buffer of %i bytes', (length) => {
    const names = Array.from({ length: 40 }, (_, index) => `${'n'.repeat(index % 7)}${index}`);
    for (const name of names) guest.call('fd_close', guest.open(name, CREATE).fd);
    guest.path('path_create_directory', 'dir');
    if (length < 35) {
      // Too small for a whole entry: the guest sees a cut one and has to come with a larger buffer.
      expect(guest.call('fd_readdir', 3, DATA, length, 5n, RESULT)).toBe('SUCCESS');
      expect(guest.u32()).toBe(length);
      return;
    }
    const entries = guest.list(3, length);
    expect(entries.map(({ name }) => name).sort()).toEqual(['.', '..', 'dir', ...names].sort());
    expect(entries.find(({ name }) => name === 'dir')!.type).toBe(3);
    expect(entries.find(({ name }) => name === '0')!.type).toBe(4);
    expect(entries.every(({ inode }) => inode > 0n)).toBe(true);
    expect(entries.map(({ next }) => next)).toEqual(entries.map((_, index) => BigInt(index + 1)));
  });

  it('keeps the cookies of a listing while names come and go', () => {
    for (const name of ['a', 'b', 'c']) guest.open(name, CREATE);
    const before = guest.list();
    guest.path('path_unlink_file', before[2]!.name);
    guest.open('z', CREATE);
    guest.call('fd_readdir', 3, DATA, 4096, before[3]!.next, RESULT);
    expect(guest.u32()).toBe(24 + 1);
    expect(guest.text(DATA + 24, 1)).toBe(before[4]!.name);
    expect(guest.call('fd_readdir', 3, DATA, 4096, 1n << 63n, RESULT)).toBe('SUCCESS');
    expect(guest.u32()).toBe(0);
    expect(guest.list().map(({ name }) => name)).toContain('z');
  });

  it('sets times by descriptor and by path', () => {
    const { fd } = guest.open('f', CREATE);
    expect(guest.call('fd_filestat_set_times', fd, 1_000_000_000n, 2_000_000_000n, 1 | 4)).toBe('SUCCESS');
    guest.stat('f');
    expect([guest.u64(RESULT + 40), guest.u64(RESULT + 48)]).toEqual([1_000_000_000n, 2_000_000_000n]);
    expect(guest.call('path_filestat_set_times', 3, 1, ...guest.put('f'), 0n, 3_000_000_000n, 4)).toBe(
      'SUCCESS',
    );
    guest.stat('f');
    expect([guest.u64(RESULT + 40), guest.u64(RESULT + 48)]).toEqual([1_000_000_000n, 3_000_000_000n]);
    expect(guest.call('fd_filestat_set_times', fd, 0n, 0n, 1 | 2)).toBe('INVAL');
    expect(guest.call('fd_filestat_set_times', fd, 0n, 0n, 16)).toBe('INVAL');
    guest.path('path_create_directory', 'd');
    expect(guest.call('path_filestat_set_times', 3, 1, ...guest.put('d'), 0n, 4_000_000_000n, 4)).toBe(
      'SUCCESS',
    );
    guest.stat('d');
    expect(guest.u64(RESULT + 48)).toBe(4_000_000_000n);
    expect(guest.call('path_filestat_set_times', 3, 1, ...guest.put('.'), 0n, 5_000_000_000n, 4)).toBe(
      'SUCCESS',
    );
    guest.stat('.');
    expect(guest.u64(RESULT + 48)).toBe(5_000_000_000n);
  });

  it('takes the time of now from its clock', () => {
    using timed = start({ clock: { realtimeNs: () => 9_000_000_000n, monotonicNs: () => 0n } });
    const { fd } = timed.open('now', CREATE);
    expect(timed.call('fd_filestat_set_times', fd, 0n, 0n, 2 | 8)).toBe('SUCCESS');
    timed.stat('now');
    expect([timed.u64(RESULT + 40), timed.u64(RESULT + 48)]).toEqual([9_000_000_000n, 9_000_000_000n]);
  });

  it('syncs and takes advice', () => {
    const { fd } = guest.open('f', { ...CREATE, flags: 16 });
    guest.write(fd, 'x');
    expect(guest.call('fd_sync', fd)).toBe('SUCCESS');
    expect(guest.call('fd_datasync', fd)).toBe('SUCCESS');
    expect(guest.call('fd_datasync', 3)).toBe('SUCCESS');
    expect(guest.call('fd_advise', fd, 0n, 0n, 5)).toBe('SUCCESS');
    expect(guest.call('fd_advise', fd, 0n, 0n, 6)).toBe('INVAL');
  });

  it('numbers descriptors from the lowest free one, and renumbers', () => {
    const [a, b] = [guest.open('a', CREATE).fd, guest.open('b', CREATE).fd];
    expect([a, b]).toEqual([4, 5]);
    guest.write(a, 'A');
    expect(guest.call('fd_renumber', a, b)).toBe('SUCCESS');
    expect(guest.wasi.openFiles()).toBe(1);
    guest.call('fd_seek', b, 0n, 0, RESULT);
    expect(guest.read(b)).toBe('A');
    expect(guest.call('fd_close', a)).toBe('BADF');
    expect(guest.open('c', CREATE).fd).toBe(4);
    expect(guest.call('fd_renumber', b, 99)).toBe('BADF');
    expect(guest.call('fd_renumber', 99, b)).toBe('BADF');
    expect(guest.call('fd_renumber', b, 3)).toBe('NOTSUP');
    expect(guest.call('fd_renumber', 3, b)).toBe('NOTSUP');
    expect(guest.call('fd_renumber', b, b)).toBe('SUCCESS');
    expect(guest.call('fd_renumber', b, 1)).toBe('SUCCESS');
    expect(guest.write(1, 'into the file')).toBe('SUCCESS');
    expect(guest.out).toEqual([]);
  });

  it('goes away when the guest closes it', () => {
    expect(guest.call('fd_close', 3)).toBe('SUCCESS');
    expect(guest.open('f').errno).toBe('BADF');
    expect(guest.call('fd_prestat_get', 3, RESULT)).toBe('BADF');
  });

  it('hands on no right that its directory lacks', () => {
    guest.open('f', CREATE);
    const readOnly = guest.open('f', { rights: READ });
    expect(guest.call('fd_write', readOnly.fd, ...guest.iovecs(guest.put('x', DATA)), RESULT)).toBe(
      'NOTCAPABLE',
    );
    expect(guest.call('fd_filestat_set_size', readOnly.fd, 0n)).toBe('NOTCAPABLE');
    const writeOnly = guest.open('f', { rights: WRITE });
    expect(guest.call('fd_read', writeOnly.fd, ...guest.iovecs([DATA, 1]), RESULT)).toBe('NOTCAPABLE');
    expect(guest.call('fd_fdstat_set_rights', 3, 1n << 13n, READ)).toBe('SUCCESS');
    expect(guest.open('f', { rights: READ }).errno).toBe('SUCCESS');
    expect(guest.open('f', { rights: WRITE }).errno).toBe('NOTCAPABLE');
    expect(guest.open('g', CREATE).errno).toBe('NOTCAPABLE');
    expect(guest.path('path_unlink_file', 'f')).toBe('NOTCAPABLE');
    expect(guest.call('fd_fdstat_set_rights', 3, ALL_RIGHTS, READ)).toBe('NOTCAPABLE');
  });

  it('closes everything at its end', () => {
    guest.open('f', CREATE);
    guest.open('.', { rights: ALL_RIGHTS });
    expect(guest.wasi.openFiles()).toBe(2);
    guest.wasi.dispose();
    expect(guest.wasi.openFiles()).toBe(0);
    expect(guest.open('f').errno).toBe('BADF');
  });

  it('answers EINVAL when a path that is no link is read as one', () => {
    guest.open('f', CREATE);
    const readLink = (path: string) => guest.call('path_readlink', 3, ...guest.put(path), DATA, 100, RESULT);
    expect(readLink('f')).toBe('INVAL');
    expect(readLink('.')).toBe('INVAL');
    expect(readLink('missing')).toBe('NOENT');
  });

  it.each([
    ['', 'NOENT'],
    ['a\0b', 'INVAL'],
    ['x'.repeat(256), 'NAMETOOLONG'],
    ['x/'.repeat(2049), 'NAMETOOLONG'],
    ['d/'.repeat(70), 'NOENT'],
  ])('refuses the path %j', (path, errno) => {
    expect(guest.open(path, CREATE).errno).toBe(path.endsWith('/') && errno === 'NOENT' ? 'ISDIR' : errno);
    expect(guest.stat(path)).toBe(errno);
  });

  it('refuses a path that is not UTF-8', () => {
    expect(guest.open(Uint8Array.of(0x66, 0xff), CREATE).errno).toBe('ILSEQ');
  });

  it('takes every other name', () => {
    for (const name of ['…', 'a b', '\\', 'C:', '-', '\ufeffbom', '\n', '~', '...']) {
      expect(guest.open(name, CREATE).errno, name).toBe('SUCCESS');
      expect(guest.list().map((entry) => entry.name)).toContain(name);
    }
  });
});
