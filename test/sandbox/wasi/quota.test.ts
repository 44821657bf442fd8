import { mkdirSync, readdirSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ENTRY_BYTES } from '../../../src/sandbox/wasi/quota.js';
import { ALL_RIGHTS, DATA, JsGuest, OFLAG, RESULT } from './js-guest.js';
import { TemporaryFolder } from './temporary-folder.js';

const CREATE = { oflags: OFLAG.create, rights: ALL_RIGHTS };
const QUOTA = 10 * ENTRY_BYTES;

describe.each(['a write mount', 'a scratch mount'] as const)('the quota of %s', (kind) => {
  let temporary: TemporaryFolder;
  let guest: JsGuest;

  function start(bytes = QUOTA): JsGuest {
    return new JsGuest(
      kind === 'a write mount'
        ? { mounts: [{ guestPath: '/m', hostPath: temporary.path, access: 'write', quotaBytes: bytes }] }
        : { scratch: [{ guestPath: '/m', maxBytes: bytes }] },
    );
  }
  function fill(fd: number, bytes: number): string {
    const errno = guest.call('fd_write', fd, ...guest.iovecs([DATA, bytes]), RESULT);
    return errno === 'SUCCESS' ? `${guest.u32()}` : errno;
  }

  beforeEach(() => {
    temporary = new TemporaryFolder();
    guest = start();
  });
  afterEach(() => {
    guest.wasi.dispose();
    temporary[Symbol.dispose]();
  });

  it('lets what fits be written, then nothing, and says so', () => {
    const { fd } = guest.open('f', CREATE);
    expect(fill(fd, 20_000)).toBe(`${9 * ENTRY_BYTES}`);
    expect(fill(fd, 1)).toBe('NOSPC');
    expect(guest.violations).toMatchObject([
      { kind: 'fs', detail: { reason: 'quota', errno: 'ENOSPC', limit: QUOTA, observed: QUOTA + 1 } },
    ]);
    expect(guest.call('fd_pwrite', fd, ...guest.iovecs([DATA, 500]), 0n, RESULT)).toBe('SUCCESS');
    expect(guest.call('fd_filestat_set_size', fd, 9217n)).toBe('NOSPC');
    expect(guest.call('fd_allocate', fd, 0n, 9217n)).toBe('NOSPC');
  });

  it('counts names, so that empty files and directories do not fill a disk', () => {
    for (let index = 0; index < 5; index++) {
      expect(guest.open(`f${index}`, CREATE).errno).toBe('SUCCESS');
      expect(guest.path('path_create_directory', `d${index}`)).toBe('SUCCESS');
    }
    expect(guest.open('more', CREATE).errno).toBe('NOSPC');
    expect(guest.stat('more')).toBe('NOENT');
    expect(guest.path('path_create_directory', 'more')).toBe('NOSPC');
    expect(guest.open('f0', CREATE).errno).toBe('SUCCESS');
    expect(guest.path('path_remove_directory', 'd0')).toBe('SUCCESS');
    expect(guest.path('path_create_directory', 'more')).toBe('SUCCESS');
  });

  it('gives back what is cut off, removed or replaced', () => {
    const { fd } = guest.open('f', CREATE);
    expect(fill(fd, 9000)).toBe('9000');
    guest.call('fd_filestat_set_size', fd, 0n);
    guest.call('fd_seek', fd, 0n, 0, RESULT);
    expect(fill(fd, 8000)).toBe('8000');
    guest.call('fd_close', fd);
    guest.call('fd_close', guest.open('f', { ...CREATE, oflags: OFLAG.truncate }).fd);
    const second = guest.open('g', CREATE).fd;
    expect(fill(second, 8 * ENTRY_BYTES)).toBe(`${8 * ENTRY_BYTES}`);
    guest.call('fd_close', second);
    expect(guest.rename('f', 'g')).toBe('SUCCESS');
    expect(guest.path('path_unlink_file', 'g')).toBe('SUCCESS');
    expect(fill(guest.open('h', CREATE).fd, 9 * ENTRY_BYTES)).toBe(`${9 * ENTRY_BYTES}`);
  });

  it('goes on counting a file without a name until it is closed', () => {
    const { fd } = guest.open('f', CREATE);
    const { fd: other } = guest.open('f', CREATE);
    fill(fd, 9 * ENTRY_BYTES);
    guest.path('path_unlink_file', 'f');
    expect(fill(guest.open('g', CREATE).fd, 1)).toBe('NOSPC');
    guest.call('fd_close', fd);
    expect(fill(guest.open('g', CREATE).fd, 1)).toBe('NOSPC');
    guest.call('fd_close', other);
    expect(fill(guest.open('g', CREATE).fd, 1)).toBe('1');
  });

  it('is charged nothing for what fails', () => {
    guest.path('path_create_directory', 'd');
    for (let index = 0; index < 50; index++) {
      expect(guest.path('path_create_directory', 'd')).toBe('EXIST');
      expect(guest.open('x/y', CREATE).errno).toBe('NOENT');
      expect(guest.rename('d', 'd')).toBe('SUCCESS');
    }
    expect(fill(guest.open('f', CREATE).fd, 20_000)).toBe(`${8 * ENTRY_BYTES}`);
  });

  it('is never exceeded, and never leaks, whatever a guest does', () => {
    const name = fc.constantFrom('a', 'b', 'c', 'd/a', 'd/b');
    const size = fc.integer({ min: 0, max: 6000 });
    const step = fc.oneof(
      fc.record({ do: fc.constant('write' as const), name, size, keep: fc.boolean() }),
      fc.record({ do: fc.constant('resize' as const), name, size, keep: fc.boolean() }),
      fc.record({ do: fc.constant('unlink' as const), name }),
      fc.record({ do: fc.constant('rename' as const), name, to: name }),
      fc.record({ do: fc.constant('mkdir' as const) }),
      fc.record({ do: fc.constant('rmdir' as const) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        guest.wasi.dispose();
        temporary[Symbol.dispose]();
        temporary = new TemporaryFolder();
        guest = start();
        for (const action of steps) {
          if (action.do === 'mkdir') guest.path('path_create_directory', 'd');
          if (action.do === 'rmdir') guest.path('path_remove_directory', 'd');
          if (action.do === 'unlink') guest.path('path_unlink_file', action.name);
          if (action.do === 'rename') guest.rename(action.name, action.to);
          if (action.do === 'write' || action.do === 'resize') {
            const { errno, fd } = guest.open(action.name, CREATE);
            if (errno !== 'SUCCESS') continue;
            if (action.do === 'write') fill(fd, action.size);
            else guest.call('fd_filestat_set_size', fd, BigInt(action.size));
            if (!action.keep) guest.call('fd_close', fd);
          }
          if (kind === 'a write mount') expect(used(temporary.path)).toBeLessThanOrEqual(QUOTA);
        }
        for (let fd = 4; fd < 50; fd++) guest.call('fd_close', fd);
        for (const left of ['a', 'b', 'c', 'd/a', 'd/b']) guest.path('path_unlink_file', left);
        guest.path('path_remove_directory', 'd');
        const { fd } = guest.open('all', CREATE);
        expect(fill(fd, 20_000)).toBe(`${9 * ENTRY_BYTES}`);
      }),
      { numRuns: 60 },
    );
  });
});

function used(path: string): number {
  return readdirSync(path, { withFileTypes: true }).reduce((sum, entry) => {
    const below = `${path}/${entry.name}`;
    return sum + ENTRY_BYTES + (entry.isDirectory() ? used(below) : statSync(below).size);
  }, 0);
}

describe('the quota of a write mount', () => {
  function startIn(temporary: TemporaryFolder, quotaBytes: number): JsGuest {
    return new JsGuest({
      mounts: [{ guestPath: '/m', hostPath: temporary.path, access: 'write', quotaBytes }],
    });
  }

  it('counts what is there already', () => {
    using temporary = new TemporaryFolder();
    mkdirSync(temporary.at('d'));
    writeFileSync(temporary.at('d/f'), Buffer.alloc(5 * ENTRY_BYTES));
    using guest = startIn(temporary, QUOTA);
    const { fd } = guest.open('new', CREATE);
    guest.call('fd_write', fd, ...guest.iovecs([DATA, 20_000]), RESULT);
    expect(guest.u32()).toBe(2 * ENTRY_BYTES);
  });

  it('is full where a sparse file says that it is', () => {
    using temporary = new TemporaryFolder();
    writeFileSync(temporary.at('sparse'), '');
    truncateSync(temporary.at('sparse'), 2 ** 40);
    using guest = startIn(temporary, 2 ** 30);
    expect(guest.open('new', CREATE).errno).toBe('NOSPC');
  });

  it('is full where directories go too deep to be measured', () => {
    using temporary = new TemporaryFolder();
    mkdirSync(temporary.at(`d/${'d/'.repeat(65)}`), { recursive: true });
    using guest = startIn(temporary, 2 ** 30);
    expect(guest.open('new', CREATE).errno).toBe('NOSPC');
    expect(guest.path('path_unlink_file', 'new')).toBe('NOENT');
  });
});

describe('fileBytes', () => {
  it('lets a write be cut short, then refuses', () => {
    using guest = new JsGuest({
      scratch: [{ guestPath: '/m', maxBytes: 1e6 }],
      limits: { openFiles: 4, fileBytes: 10 },
    });
    const { fd } = guest.open('f', CREATE);
    expect(guest.call('fd_write', fd, ...guest.iovecs([DATA, 6], [DATA, 6]), RESULT)).toBe('SUCCESS');
    expect(guest.u32()).toBe(10);
    expect(guest.write(fd, 'x')).toBe('FBIG');
    expect(guest.violations).toMatchObject([{ detail: { reason: 'file-bytes', limit: 10, observed: 11 } }]);
    expect(guest.write(fd, '')).toBe('SUCCESS');
  });

  it('does not hinder reading a larger file', () => {
    using temporary = new TemporaryFolder();
    writeFileSync(temporary.at('f'), 'x'.repeat(100));
    using guest = new JsGuest({
      mounts: [{ guestPath: '/m', hostPath: temporary.path, access: 'write' }],
      limits: { openFiles: 4, fileBytes: 10 },
    });
    const { fd } = guest.open('f', { rights: ALL_RIGHTS });
    expect(guest.read(fd)).toHaveLength(100);
    expect(guest.call('fd_filestat_set_size', fd, 5n)).toBe('SUCCESS');
  });
});

describe('one transfer', () => {
  it('moves at most 16 MiB, however often the vectors name the same memory', () => {
    using guest = new JsGuest({
      scratch: [{ guestPath: '/m', maxBytes: 2 ** 30 }],
      limits: { openFiles: 4, fileBytes: 2 ** 30 },
    });
    const { fd } = guest.open('f', CREATE);
    const vectors = Array.from({ length: 1024 }, (): [number, number] => [DATA, 400_000]);
    expect(guest.call('fd_write', fd, ...guest.iovecs(...vectors), RESULT)).toBe('SUCCESS');
    expect(guest.u32()).toBe(16 * 1024 * 1024);
  });
});

describe('a listing', () => {
  it('of more than 32 768 names is refused', () => {
    using guest = new JsGuest({ scratch: [{ guestPath: '/m', maxBytes: 2 ** 30 }] });
    for (let index = 0; index < 32_769; index++) guest.call('fd_close', guest.open(`${index}`, CREATE).fd);
    expect(guest.call('fd_readdir', 3, DATA, 100, 0n, RESULT)).toBe('OVERFLOW');
    guest.path('path_unlink_file', '0');
    expect(guest.call('fd_readdir', 3, DATA, 100, 0n, RESULT)).toBe('SUCCESS');
    const { fd } = guest.open('.', { oflags: OFLAG.folder, rights: ALL_RIGHTS });
    expect(guest.call('fd_readdir', fd, DATA, 100, 0n, RESULT)).toBe('OVERFLOW');
    guest.call('fd_close', 3);
    expect(guest.call('fd_readdir', fd, DATA, 100, 0n, RESULT)).toBe('SUCCESS');
  });
});

describe('measuring a mount of very many files', () => {
  it('ends where the call has to', () => {
    using temporary = new TemporaryFolder();
    for (let index = 0; index < 300; index++) writeFileSync(temporary.at(`f${index}`), '');
    let asked = 0;
    const guest = new JsGuest({
      mounts: [{ guestPath: '/m', hostPath: temporary.path, access: 'write', quotaBytes: 1e9 }],
      sleep: () => {
        asked++;
        return false;
      },
    });
    expect(() => guest.open('new', CREATE)).toThrow(
      expect.objectContaining({ stop: { kind: 'interrupted' } }),
    );
    expect(asked).toBe(1);
    expect(readdirSync(temporary.path)).not.toContain('new');
    guest.wasi.dispose();
  });
});
