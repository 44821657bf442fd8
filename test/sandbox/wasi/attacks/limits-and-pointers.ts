import { expect } from 'vitest';
import type { ErrnoName } from '../../../../src/sandbox/wasi/errno.js';
import { ALL_RIGHTS, DATA, IOVECS, RESULT } from '../js-guest.js';
import { type Attack, attack, CREATE } from './attack.js';

export const LIMITS_AND_POINTERS: Attack[] = [
  // Limits.
  attack(
    'a flood of descriptors',
    (g) => {
      let errno: ErrnoName = 'SUCCESS';
      for (let index = 0; index < 100 && errno === 'SUCCESS'; index++)
        errno = g.open(index % 2 ? 'file' : '.').errno;
      expect(g.wasi.openFiles()).toBe(8);
      return errno;
    },
    'MFILE',
    'open-files',
  ),
  attack(
    'a flood of descriptors that would create files',
    (g) => {
      for (let index = 0; index < 8; index++) g.open('file');
      return g.open('never', { ...CREATE, fd: 4 }).errno;
    },
    'MFILE',
    'open-files',
  ),
  attack(
    'writing far behind the end',
    (g) =>
      g.call('fd_pwrite', g.open('big', { ...CREATE, fd: 4 }).fd, ...g.iovecs([DATA, 1]), 1n << 40n, RESULT),
    'FBIG',
    'file-bytes',
  ),
  attack(
    'setting a huge size',
    (g) => g.call('fd_filestat_set_size', g.open('big', { ...CREATE, fd: 4 }).fd, 1n << 50n),
    'FBIG',
    'file-bytes',
  ),
  attack(
    'setting a size past every number',
    (g) => g.call('fd_filestat_set_size', g.open('big', { ...CREATE, fd: 4 }).fd, -1n),
    'OVERFLOW',
  ),
  attack(
    'allocating a huge file',
    (g) => g.call('fd_allocate', g.open('big', { ...CREATE, fd: 4 }).fd, 4000n, 97n),
    'FBIG',
    'file-bytes',
  ),
  attack(
    'allocating with an overflow',
    (g) => g.call('fd_allocate', g.open('big', { ...CREATE, fd: 4 }).fd, -1n, -1n),
    'OVERFLOW',
  ),
  attack(
    'filling the scratch mount',
    (g) => g.call('fd_filestat_set_size', g.open('big', { ...CREATE, fd: 5 }).fd, 4097n),
    'FBIG',
    'file-bytes',
  ),

  // Vectors and pointers.
  attack('a vector count of 2^28', (g) => g.call('fd_write', 1, IOVECS, 2 ** 28, RESULT), 'INVAL'),
  attack(
    'a vector count of 2^32 - 1',
    (g) => g.call('fd_read', g.open('file').fd, IOVECS, -1, RESULT),
    'INVAL',
  ),
  attack('1 025 vectors', (g) => g.call('fd_read', g.open('file').fd, IOVECS, 1025, RESULT), 'INVAL'),
  attack(
    'a vector of 4 GiB',
    (g) => g.call('fd_read', g.open('file').fd, ...g.iovecs([0, -1]), RESULT),
    'FAULT',
  ),
  attack(
    'a good vector and a bad one',
    (g) => g.call('fd_write', g.open('v', { ...CREATE, fd: 4 }).fd, ...g.iovecs([DATA, 1], [-1, 1]), RESULT),
    'FAULT',
  ),
  attack(
    'a result pointer outside the memory',
    (g) => g.call('fd_write', g.open('v', { ...CREATE, fd: 4 }).fd, ...g.iovecs([DATA, 1]), -2),
    'FAULT',
  ),
  attack(
    'a descriptor pointer outside the memory',
    (g) => g.call('path_open', 4, 0, ...g.put('never'), 1, ALL_RIGHTS, 0n, 0, -4),
    'FAULT',
  ),
  attack('a path outside the memory', (g) => g.call('path_create_directory', 4, -10, 20), 'FAULT'),

  // Descriptors that are not the guest's.
  ...[6, 10, 20, 1000, -1, 2 ** 31].map((fd) =>
    attack(`writing to descriptor ${fd}, which the host may have`, (g) => g.write(fd, 'x'), 'BADF'),
  ),
  attack('a stream as a directory', (g) => g.open('x', { fd: 1 }).errno, 'NOTDIR'),
  attack('a file as a directory', (g) => g.open('x', { fd: g.open('file').fd }).errno, 'NOTDIR'),
  attack('taking the place of a mount', (g) => g.call('fd_renumber', g.open('dir').fd, 3), 'NOTSUP'),
];
