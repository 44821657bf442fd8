import { ALL_RIGHTS, OFLAG, READ, WRITE } from '../js-guest.js';
import { ALL, type Attack, attack, CREATE } from './attack.js';

export const WRITES_TO_READ_MOUNTS: Attack[] = [
  // Writing where only reading is granted.
  attack('opening for writing', (g) => g.open('file', { rights: READ | WRITE }).errno, 'ROFS', 'read-only'),
  attack(
    'allocating with the right to',
    (g) => g.call('fd_allocate', g.open('file', { rights: READ | (1n << 8n) }).fd, 0n, 100n),
    'ROFS',
    'read-only',
  ),
  attack(
    'setting the size with the right to',
    (g) => g.call('fd_filestat_set_size', g.open('file', { rights: READ | (1n << 22n) }).fd, 0n),
    'ROFS',
    'read-only',
  ),
  attack(
    'truncating with the right to read',
    (g) => g.open('file', { oflags: OFLAG.truncate }).errno,
    'ROFS',
    'read-only',
  ),
  attack('creating', (g) => g.open('new', { oflags: OFLAG.create }).errno, 'ROFS', 'read-only'),
  attack('creating a directory', (g) => g.path('path_create_directory', 'new'), 'ROFS', 'read-only'),
  attack('removing a file', (g) => g.path('path_unlink_file', 'file'), 'ROFS', 'read-only'),
  attack('removing a directory', (g) => g.path('path_remove_directory', 'dir'), 'ROFS', 'read-only'),
  attack('renaming', (g) => g.rename('file', 'other'), 'ROFS', 'read-only'),
  attack('renaming into it', (g) => g.rename('file', 'other', { fd: 4, toFd: 3 }), 'ROFS', 'read-only'),
  attack('renaming out of it', (g) => g.rename('file', 'other', { fd: 3, toFd: 4 }), 'ROFS', 'read-only'),
  attack(
    'setting times by path',
    (g) => g.call('path_filestat_set_times', 3, 1, ...g.put('file'), 0n, 0n, 5),
    'ROFS',
    'read-only',
  ),
  attack(
    'setting times of the mount',
    (g) => g.call('fd_filestat_set_times', 3, 0n, 0n, 5),
    'ROFS',
    'read-only',
  ),
  attack(
    'setting times by descriptor',
    (g) => g.call('fd_filestat_set_times', g.open('file').fd, 0n, 0n, 5),
    'ROFS',
    'read-only',
  ),
  attack(
    'setting the size by descriptor',
    (g) => g.call('fd_filestat_set_size', g.open('file').fd, 0n),
    'ROFS',
    'read-only',
  ),
  attack('allocating', (g) => g.call('fd_allocate', g.open('file').fd, 0n, 100n), 'ROFS', 'read-only'),
  attack('writing by descriptor', (g) => g.write(g.open('file').fd, 'x'), 'ROFS', 'read-only'),
  attack(
    'creating below a directory opened with all rights',
    (g) => g.open('new', { ...CREATE, fd: g.open('dir', { ...ALL, oflags: OFLAG.folder }).fd }).errno,
    'ROFS',
    'read-only',
  ),
  attack(
    'raising the rights of the mount',
    (g) => g.call('fd_fdstat_set_rights', 3, ALL_RIGHTS, ALL_RIGHTS),
    'NOTCAPABLE',
  ),
  attack(
    'raising the rights of a file',
    (g) => g.call('fd_fdstat_set_rights', g.open('file').fd, READ | WRITE, 0n),
    'NOTCAPABLE',
  ),
];
