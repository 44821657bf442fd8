import { OFLAG } from '../js-guest.js';
import { ALL, type Attack, attack, CREATE } from './attack.js';

export const WAYS_OUT: Attack[] = [
  // Ways out by name.
  attack('opening ..', (g) => g.open('..').errno, 'NOTCAPABLE', 'escape'),
  attack('opening ../outside/secret', (g) => g.open('../outside/secret').errno, 'NOTCAPABLE', 'escape'),
  attack(
    'climbing out through a directory',
    (g) => g.open('dir/../../outside/secret').errno,
    'NOTCAPABLE',
    'escape',
  ),
  attack(
    'climbing out with empty components',
    (g) => g.open('.//dir//..//..//outside/secret').errno,
    'NOTCAPABLE',
    'escape',
  ),
  attack('climbing out and in again', (g) => g.open('../read/file').errno, 'NOTCAPABLE', 'escape'),
  attack(
    'climbing from a directory into its mount',
    (g) => g.open('../file', { fd: g.open('dir', { ...ALL, oflags: OFLAG.folder }).fd }).errno,
    'NOTCAPABLE',
    'escape',
  ),
  attack('stat of ..', (g) => g.stat('..'), 'NOTCAPABLE', 'escape'),
  attack(
    'creating a file in ..',
    (g) => g.open('../outside/new', { ...CREATE, fd: 4 }).errno,
    'NOTCAPABLE',
    'escape',
  ),
  attack(
    'creating a directory in ..',
    (g) => g.path('path_create_directory', '../outside/new', 4),
    'NOTCAPABLE',
    'escape',
  ),
  attack(
    'removing a file in ..',
    (g) => g.path('path_unlink_file', '../outside/secret', 4),
    'NOTCAPABLE',
    'escape',
  ),
  attack(
    'removing a directory in ..',
    (g) => g.path('path_remove_directory', '../outside/empty', 4),
    'NOTCAPABLE',
    'escape',
  ),
  attack('renaming to ..', (g) => g.rename('file', '../outside/file', { fd: 4 }), 'NOTCAPABLE', 'escape'),
  attack('renaming from ..', (g) => g.rename('../outside/secret', 'mine', { fd: 4 }), 'NOTCAPABLE', 'escape'),
  attack('an absolute path', (g) => g.open('/etc/passwd').errno, 'NOTCAPABLE', 'escape'),
  attack('the absolute path of /proc', (g) => g.open('/proc/self/environ').errno, 'NOTCAPABLE', 'escape'),
  attack('an absolute path with two slashes', (g) => g.open('//etc/passwd').errno, 'NOTCAPABLE', 'escape'),
  attack('the absolute path of the mount itself', (g) => g.open('/read/file').errno, 'NOTCAPABLE', 'escape'),

  // Paths.
  attack('a path with a NUL', (g) => g.open('file\0.txt').errno, 'INVAL'),
  attack('a NUL that cuts off what is forbidden', (g) => g.open('file\0/../../outside').errno, 'INVAL'),
  attack('a path of 5 000 bytes', (g) => g.open('a/'.repeat(2500)).errno, 'NAMETOOLONG'),
  attack('a name of 256 bytes', (g) => g.open('é'.repeat(128), { ...CREATE, fd: 4 }).errno, 'NAMETOOLONG'),
  attack('a path of nothing but ..', (g) => g.open('../'.repeat(1000)).errno, 'NOTCAPABLE', 'escape'),
  attack('overlong UTF-8 for ..', (g) => g.open(Uint8Array.of(0xc0, 0xae, 0xc0, 0xae, 0x2f)).errno, 'ILSEQ'),
  attack(
    'directories deeper than 64',
    (g) => {
      let path = 'd';
      for (let depth = 0; depth < 70; depth++, path += '/d') {
        const errno = g.path('path_create_directory', path, 4);
        if (errno !== 'SUCCESS') return errno;
      }
      return 'SUCCESS';
    },
    'NAMETOOLONG',
  ),

  // Between mounts.
  attack('renaming into the scratch mount', (g) => g.rename('file', 'x', { fd: 4, toFd: 5 }), 'XDEV'),
];
