import { DATA, OFLAG, READ, RESULT, WRITE } from '../js-guest.js';
import { ALL, type Attack, attack, CREATE } from './attack.js';

export const LINKS: Attack[] = [
  // Links that are there.
  attack('reading through a link to a file outside', (g) => g.open('link').errno, 'LOOP', 'symlink'),
  attack('reading through an absolute link', (g) => g.open('absolute-link').errno, 'LOOP', 'symlink'),
  attack(
    'reading through a link to a directory outside',
    (g) => g.open('dirlink/secret').errno,
    'LOOP',
    'symlink',
  ),
  attack(
    'opening a link to a directory outside',
    (g) => g.open('dirlink', { oflags: OFLAG.folder }).errno,
    'LOOP',
    'symlink',
  ),
  attack('opening a link with a slash behind it', (g) => g.open('dirlink/').errno, 'LOOP', 'symlink'),
  attack('going back through a link', (g) => g.open('dirlink/../outside/secret').errno, 'LOOP', 'symlink'),
  attack('following a link that stays inside', (g) => g.open('inner-link').errno, 'LOOP', 'symlink'),
  attack('following a link to itself', (g) => g.open('loop').errno, 'LOOP', 'symlink'),
  attack('/proc through a link', (g) => g.open('proc/environ').errno, 'LOOP', 'symlink'),
  attack(
    'a descriptor of the host through /proc',
    (g) => g.open('proc/fd/1', { ...ALL, fd: 4 }).errno,
    'LOOP',
    'symlink',
  ),
  attack('stat through a link', (g) => g.stat('link'), 'LOOP', 'symlink'),
  attack('stat below a link', (g) => g.stat('dirlink/secret', { follow: 0 }), 'LOOP', 'symlink'),
  attack('writing through a link', (g) => g.open('link', { ...ALL, fd: 4 }).errno, 'LOOP', 'symlink'),
  attack(
    'truncating through a link',
    (g) => g.open('link', { ...ALL, fd: 4, oflags: OFLAG.truncate }).errno,
    'LOOP',
    'symlink',
  ),
  attack(
    'creating through a dangling link',
    (g) => g.open('dangling', { ...CREATE, fd: 4 }).errno,
    'LOOP',
    'symlink',
  ),
  attack(
    'creating exclusively through a dangling link',
    (g) => g.open('dangling', { ...ALL, fd: 4, oflags: 5 }).errno,
    'EXIST',
  ),
  attack(
    'creating below a link',
    (g) => g.open('dirlink/new', { ...CREATE, fd: 4 }).errno,
    'LOOP',
    'symlink',
  ),
  attack(
    'creating a directory below a link',
    (g) => g.path('path_create_directory', 'dirlink/new', 4),
    'LOOP',
    'symlink',
  ),
  attack(
    'creating a directory at a dangling link',
    (g) => g.path('path_create_directory', 'dangling', 4),
    'EXIST',
  ),
  attack(
    'removing a file below a link',
    (g) => g.path('path_unlink_file', 'dirlink/secret', 4),
    'LOOP',
    'symlink',
  ),
  attack(
    'removing a directory below a link',
    (g) => g.path('path_remove_directory', 'dirlink/empty', 4),
    'LOOP',
    'symlink',
  ),
  attack(
    'removing the directory behind a link',
    (g) => g.path('path_remove_directory', 'dirlink', 4),
    'NOTDIR',
  ),
  attack('renaming into a link', (g) => g.rename('file', 'dirlink/file', { fd: 4 }), 'LOOP', 'symlink'),
  attack('renaming out of a link', (g) => g.rename('dirlink/secret', 'mine', { fd: 4 }), 'LOOP', 'symlink'),
  attack(
    'moving a link to where it means another file',
    (g) => g.rename('link', 'dir/link', { fd: 4 }),
    'LOOP',
    'symlink',
  ),
  attack(
    'setting times through a link',
    (g) => g.call('path_filestat_set_times', 4, 1, ...g.put('link'), 0n, 0n, 5),
    'LOOP',
    'symlink',
  ),
  attack(
    'setting times below a link',
    (g) => g.call('path_filestat_set_times', 4, 1, ...g.put('dirlink/secret'), 0n, 0n, 5),
    'LOOP',
    'symlink',
  ),
  attack(
    'reading where a link leads',
    (g) => g.call('path_readlink', 3, ...g.put('link'), DATA, 100, RESULT),
    'NOTCAPABLE',
    'symlink',
  ),

  // Links that the guest would make.
  attack(
    'making a symbolic link',
    (g) => g.call('path_symlink', ...g.put('../outside'), 4, ...g.put('mine', 9000)),
    'NOTCAPABLE',
    'symlink',
  ),
  attack(
    'making a symbolic link in the scratch mount',
    (g) => g.call('path_symlink', ...g.put('x'), 5, ...g.put('mine', 9000)),
    'NOTCAPABLE',
    'symlink',
  ),
  attack(
    'making a hard link',
    (g) => g.call('path_link', 3, 1, ...g.put('file'), 4, ...g.put('mine', 9000)),
    'NOTCAPABLE',
    'hard-link',
  ),

  // Hard links that are there.
  attack('writing to a hard link', (g) => g.open('hard', { ...ALL, fd: 4 }).errno, 'PERM', 'hard-link'),
  attack(
    'truncating a hard link',
    (g) => g.open('hard', { fd: 4, oflags: OFLAG.truncate }).errno,
    'PERM',
    'hard-link',
  ),
  attack(
    'setting the times of a hard link',
    (g) => g.call('path_filestat_set_times', 4, 1, ...g.put('hard'), 0n, 0n, 5),
    'PERM',
    'hard-link',
  ),

  attack(
    'setting the times of a hard link that is open for reading',
    (g) =>
      g.call('fd_filestat_set_times', g.open('hard', { rights: READ | (1n << 23n), fd: 4 }).fd, 0n, 0n, 5),
    'PERM',
    'hard-link',
  ),
  attack(
    'setting the size of a hard link that is open for reading',
    (g) => g.call('fd_filestat_set_size', g.open('hard', { rights: READ | (1n << 22n), fd: 4 }).fd, 0n),
    'NOTCAPABLE',
  ),

  // What is no file.
  attack('reading a FIFO', (g) => g.open('fifo').errno, 'NOTCAPABLE', 'special-file'),
  attack(
    'writing to a FIFO',
    (g) => g.open('fifo', { rights: WRITE, fd: 4 }).errno,
    'NOTCAPABLE',
    'special-file',
  ),
  attack(
    'creating where a FIFO is',
    (g) => g.open('fifo', { ...CREATE, fd: 4 }).errno,
    'NOTCAPABLE',
    'special-file',
  ),
  attack('entering a FIFO', (g) => g.open('fifo/x').errno, 'NOTDIR'),
  attack('a device through a link', (g) => g.open('dev/zero').errno, 'LOOP', 'symlink'),
];
