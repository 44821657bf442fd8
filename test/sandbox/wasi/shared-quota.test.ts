import { readdirSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ENTRY_BYTES } from '../../../src/sandbox/wasi/quota.js';
import { QuotaUse } from '../../../src/sandbox/wasi/quota-use.js';
import { ALL_RIGHTS, DATA, JsGuest, OFLAG, RESULT } from './js-guest.js';
import { TemporaryFolder } from './temporary-folder.js';

const CREATE = { oflags: OFLAG.create, rights: ALL_RIGHTS };
const QUOTA = 20 * ENTRY_BYTES;

describe('instances that write to one folder', () => {
  let temporary: TemporaryFolder;
  let guests: JsGuest[];

  const start = (use: SharedArrayBuffer, quotaBytes = QUOTA) => {
    const guest = new JsGuest({
      mounts: [{ guestPath: '/m', hostPath: temporary.path, access: 'write', quotaBytes, quotaUse: use }],
    });
    guests.push(guest);
    return guest;
  };
  const fill = (guest: JsGuest, fd: number, bytes: number): number => {
    const errno = guest.call('fd_write', fd, ...guest.iovecs([DATA, bytes]), RESULT);
    return errno === 'SUCCESS' ? guest.u32() : 0;
  };
  const held = () =>
    readdirSync(temporary.path).reduce(
      (sum, name) => sum + statSync(join(temporary.path, name)).size + ENTRY_BYTES,
      0,
    );

  beforeEach(() => {
    temporary = new TemporaryFolder();
    guests = [];
  });
  afterEach(() => {
    vi.restoreAllMocks();
    for (const guest of guests) guest.wasi.dispose();
    temporary[Symbol.dispose]();
  });

  it('together stay within its quota, though each has measured it before the others wrote', () => {
    const use = new SharedArrayBuffer(QuotaUse.BYTES);
    const all = [start(use), start(use), start(use)].map((guest, i) => ({
      guest,
      fd: guest.open(`f${i}`, CREATE).fd,
    }));
    let written = 0;
    for (let turn = 0; turn < 20; turn++) {
      for (const { guest, fd } of all) written += fill(guest, fd, 2000);
    }
    expect(written).toBe(QUOTA - 3 * ENTRY_BYTES);
    expect(held()).toBe(QUOTA);
  });

  it('may use again what one of them removed', () => {
    const use = new SharedArrayBuffer(QuotaUse.BYTES);
    const [a, b] = [start(use), start(use)];
    const { fd } = a.open('f', CREATE);
    expect(fill(a, fd, QUOTA)).toBe(QUOTA - ENTRY_BYTES);
    expect(b.open('g', CREATE).errno).toBe('NOSPC');
    expect(a.call('fd_close', fd)).toBe('SUCCESS');
    expect(b.path('path_unlink_file', 'f')).toBe('SUCCESS');
    const other = b.open('g', CREATE);
    expect(fill(b, other.fd, QUOTA)).toBe(QUOTA - ENTRY_BYTES);
  });

  it('get the bytes of a file back once, also where one has it open and another removes it', () => {
    const use = new SharedArrayBuffer(QuotaUse.BYTES);
    const [a, b] = [start(use), start(use)];
    for (let turn = 0; turn < 5; turn++) {
      const { fd } = a.open(`f${turn}`, CREATE);
      expect(fill(a, fd, 10 * ENTRY_BYTES)).toBe(10 * ENTRY_BYTES);
      expect(b.path('path_unlink_file', `f${turn}`)).toBe('SUCCESS');
      expect(a.call('fd_close', fd)).toBe('SUCCESS');
    }
    expect(new QuotaUse(use).bytes).toBe(0);
    const { fd } = a.open('last', CREATE);
    expect(fill(a, fd, 2 * QUOTA)).toBe(QUOTA - ENTRY_BYTES);
  });

  it('see what the application removed, and what it added, where something does not fit', () => {
    const now = vi.spyOn(performance, 'now');
    const use = new SharedArrayBuffer(QuotaUse.BYTES);
    const a = start(use);
    const { fd } = a.open('f', CREATE);
    expect(fill(a, fd, QUOTA)).toBe(QUOTA - ENTRY_BYTES);
    a.call('fd_close', fd);
    unlinkSync(join(temporary.path, 'f'));
    expect(a.open('g', CREATE).errno).toBe('NOSPC');
    const later = performance.now() + 2000;
    now.mockImplementation(() => later);
    expect(a.open('g', CREATE).errno).toBe('SUCCESS');
    writeFileSync(join(temporary.path, 'of the application'), Buffer.alloc(QUOTA));
    now.mockImplementation(() => later + 2000);
    expect(a.open('h', CREATE).errno).toBe('SUCCESS');
    expect(a.call('fd_filestat_set_size', a.open('g', CREATE).fd, BigInt(QUOTA))).toBe('NOSPC');
    expect(a.open('i', CREATE).errno).toBe('NOSPC');
  });

  it('each are held to their own quota of it', () => {
    const use = new SharedArrayBuffer(QuotaUse.BYTES);
    const [small, large] = [start(use, 5 * ENTRY_BYTES), start(use)];
    expect(fill(large, large.open('f', CREATE).fd, 10 * ENTRY_BYTES)).toBe(10 * ENTRY_BYTES);
    expect(small.open('g', CREATE).errno).toBe('NOSPC');
    expect(large.open('h', CREATE).errno).toBe('SUCCESS');
  });
});
