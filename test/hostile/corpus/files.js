import { corpus, last, SECRET, text } from './attack.js';
import { FILES } from './guest.js';

const { attack, attacks } = corpus('files');
export default attacks;

/** Descriptor 3 is a mount to read, 4 one to write. */
const mounts = (/** @type {import('./attack.js').World} */ { read, write }) => ({
  fs: { read: { '/read': read }, write: { '/write': write } },
});
/** @param {string} f */
const guest = (f) => text(`${FILES} (func (export "f") ${f})`, { permissions: mounts });
/** @param {import('./attack.js').Evidence} e */
const stolen = (e) => {
  if (e.outcomes.some(({ output }) => output?.includes(SECRET))) return 'it read a file outside';
  if (e.outcomes.some(({ output }) => /root:|^NAME=|PATH=/.test(output ?? '')))
    return 'it read a file of the system';
  return changed(e);
};
/** @param {import('./attack.js').Evidence} e */
const changed = (e) => {
  const outside = e.files.filter((file) => file.startsWith('outside/'));
  if (outside.join() !== `outside/secret ${SECRET.length}`) return 'it changed files outside';
  const read = e.files
    .filter((file) => file.startsWith('read/'))
    .sort()
    .join();
  return read !== 'read/inside 6' && 'it wrote to a mount that is for reading';
};
const NO = { expected: ['ERR_PERMISSION'], violations: ['fs'], got: stolen };
/** @param {string} path */
const to = (path) => [{ fn: 'f', input: path }];
/** @param {string} path @param {number} at */
const data = (path, at) =>
  `${[...Buffer.from(path)].map((byte, i) => `(i32.store8 (i32.const ${at + i}) (i32.const ${byte}))`).join('')}`;

for (const path of [
  '../outside/secret',
  'a/../../outside/secret',
  './/..//outside/secret',
  '/etc/passwd',
  '../../../../../../../etc/passwd',
]) {
  attack(`reading ${path}`, guest('(call $reads (i32.const 3))'), {
    calls: to(path),
    ...NO,
    ...(path.startsWith('a/') && { expected: ['ok errno 44'], violations: [] }),
  });
}
attack('reading through a link that leads to a file outside', guest('(call $reads (i32.const 3))'), {
  calls: to('link'),
  ...NO,
});
attack('reading through a link that leads to a folder outside', guest('(call $reads (i32.const 3))'), {
  calls: to('folder-link/secret'),
  ...NO,
});
attack('reading through a link with an absolute target', guest('(call $reads (i32.const 3))'), {
  calls: to('absolute-link'),
  ...NO,
});
attack("reading the host's environment through a link to /proc", guest('(call $reads (i32.const 3))'), {
  calls: to('proc-link/self/environ'),
  ...NO,
});
attack('reading a pipe that nobody writes to', guest('(call $reads (i32.const 3))'), {
  calls: to('pipe'),
  ...NO,
});
attack('writing through a link that leads outside', guest('(call $writes (i32.const 4) (i32.const 8))'), {
  calls: to('link'),
  ...NO,
});
attack(
  'creating a file through a link that leads nowhere yet',
  guest('(call $writes (i32.const 4) (i32.const 1))'),
  { calls: to('dangling'), ...NO },
);
attack('creating a file in ..', guest('(call $writes (i32.const 4) (i32.const 1))'), {
  calls: to('../outside/new'),
  ...NO,
});
attack(
  'writing to a file that has another name outside',
  guest('(call $writes (i32.const 4) (i32.const 0))'),
  { calls: to('hard-link'), ...NO },
);
attack('writing to a mount that is for reading', guest('(call $writes (i32.const 3) (i32.const 0))'), {
  calls: to('inside'),
  ...NO,
});
attack(
  'creating a file in a mount that is for reading',
  guest('(call $writes (i32.const 3) (i32.const 1))'),
  { calls: to('new'), ...NO },
);
attack(
  'cutting off a file in a mount that is for reading',
  guest('(call $writes (i32.const 3) (i32.const 8))'),
  { calls: to('inside'), ...NO },
);
attack(
  'removing a file from a mount that is for reading',
  guest(
    '(call $errno (call $path_unlink_file (i32.const 3) (i32.const 1024) (call $input (i32.const 1024))))',
  ),
  { calls: to('inside'), ...NO },
);
attack(
  'making a folder in a mount that is for reading',
  guest(
    '(call $errno (call $path_create_directory (i32.const 3) (i32.const 1024) (call $input (i32.const 1024))))',
  ),
  { calls: to('new'), ...NO },
);
attack(
  'removing a file outside',
  guest(
    '(call $errno (call $path_unlink_file (i32.const 4) (i32.const 1024) (call $input (i32.const 1024))))',
  ),
  { calls: to('../outside/secret'), ...NO },
);
attack(
  'moving a file out of its mount',
  guest(
    `${data('mine', 2048)}${data('../outside/mine', 3072)} (drop (call $path_rename (i32.const 4) (i32.const 2048) (i32.const 4) (i32.const 4) (i32.const 3072) (i32.const 15)))`,
  ),
  { ...NO, got: changed },
);
attack(
  'moving a file from the mount for reading into the one for writing',
  guest(
    `${data('inside', 2048)} (drop (call $path_rename (i32.const 3) (i32.const 2048) (i32.const 6) (i32.const 4) (i32.const 2048) (i32.const 6)))`,
  ),
  { ...NO, got: changed },
);
attack(
  'moving a file into the mount for reading',
  guest(
    `${data('mine', 2048)} (drop (call $path_rename (i32.const 4) (i32.const 2048) (i32.const 4) (i32.const 3) (i32.const 2048) (i32.const 4)))`,
  ),
  { ...NO, got: changed },
);
attack(
  'making a link that leads out, and reading through it',
  guest(`${data('../outside/secret', 2048)}${data('way', 3072)}
  (drop (call $path_symlink (i32.const 2048) (i32.const 17) (i32.const 4) (i32.const 3072) (i32.const 3)))
  (call $reads (i32.const 4))`),
  { calls: to('way'), ...NO },
);
attack(
  'making a link to a folder that leads out, and writing through it',
  guest(`${data('../outside', 2048)}${data('way', 3072)}
  (drop (call $path_symlink (i32.const 2048) (i32.const 10) (i32.const 4) (i32.const 3072) (i32.const 3)))
  (call $writes (i32.const 4) (i32.const 1))`),
  { calls: to('way/new'), ...NO },
);
attack(
  'making a hard link of a file for reading in the mount for writing, and writing to it',
  guest(`${data('inside', 2048)}${data('way', 3072)}
  (drop (call $path_link (i32.const 3) (i32.const 0) (i32.const 2048) (i32.const 6) (i32.const 4) (i32.const 3072) (i32.const 3)))
  (call $writes (i32.const 4) (i32.const 8))`),
  {
    calls: to('way'),
    ...NO,
    got: (e) => changed(e) || (e.files.some((file) => file.startsWith('write/way')) && 'a hard link'),
  },
);
attack(
  'setting the times of a file outside',
  guest(
    `${data('../outside/secret', 2048)} (call $errno (call $path_filestat_set_times (i32.const 4) (i32.const 0) (i32.const 2048) (i32.const 17) (i64.const 0) (i64.const 0) (i32.const 5)))`,
  ),
  NO,
);
attack(
  'looking whether a file outside is there',
  guest(
    `${data('../outside/secret', 2048)} (call $errno (call $path_filestat_get (i32.const 3) (i32.const 0) (i32.const 2048) (i32.const 17) (i32.const 4096)))`,
  ),
  { ...NO, got: (e) => last(e)?.output === 'errno 00' && 'it saw a file outside' },
);
attack(
  '10 000 open files',
  guest(`(local $i i32) (local $fd i32) ${data('inside', 2048)}
  (loop $l (local.set $fd (call $open (i32.const 3) (i32.const 2048) (i32.const 6) (i32.const 0) (i64.const 2)))
    (local.set $i (i32.add (local.get $i) (i32.const 1)))
    (br_if $l (i32.and (i32.ge_s (local.get $fd) (i32.const 0)) (i32.lt_u (local.get $i) (i32.const 10000)))))
  (if (i32.gt_u (local.get $i) (i32.const 100)) (then unreachable))`),
  { violations: ['fs'], got: (e) => last(e)?.code && 'it opened more than 100 files' },
);
attack(
  'a file of 1 TB with a hole',
  guest(`(local $fd i32) ${data('big', 2048)}
  (local.set $fd (call $open (i32.const 4) (i32.const 2048) (i32.const 3) (i32.const 1) (i64.const 4194370)))
  (call $errno (call $fd_filestat_set_size (local.get $fd) (i64.const 1099511627776)))`),
  {
    ...NO,
    expected: ['ok errno 22'],
    got: (e) => e.files.some((file) => /^write\/big \d{8}/.test(file)) && 'a file larger than fileBytes',
  },
);
attack(
  'a file that is written until the disk is full',
  guest(`(local $fd i32) (local $i i32) ${data('big', 2048)}
  (local.set $fd (call $open (i32.const 4) (i32.const 2048) (i32.const 3) (i32.const 1) (i64.const 66)))
  (i32.store (i32.const 80) (i32.const 65536)) (i32.store (i32.const 84) (i32.const 131072))
  (loop $l (br_if 1 (call $fd_write (local.get $fd) (i32.const 80) (i32.const 1) (i32.const 88)))
    (local.set $i (i32.add (local.get $i) (i32.const 1))) (br_if $l (i32.lt_u (local.get $i) (i32.const 500))))`),
  {
    violations: ['fs'],
    got: (e) => e.files.some((file) => /^write\/big \d{8}/.test(file)) && 'a file larger than fileBytes',
  },
);
attack(
  "writing to the host's own descriptors 0 to 40",
  guest(`(local $i i32) (local $n i32)
  (local.set $i (i32.const 5))
  (loop $l (local.set $n (i32.add (local.get $n) (i32.eqz (call $write (local.get $i)))))
    (local.set $i (i32.add (local.get $i) (i32.const 1))) (br_if $l (i32.lt_u (local.get $i) (i32.const 40))))
  (if (local.get $n) (then unreachable))`),
  { violations: ['(fs)?'], got: (e) => last(e)?.code && 'it wrote to a descriptor of the host' },
);
attack(
  'taking the place of a mount',
  guest('(call $errno (call $fd_renumber (i32.const 4) (i32.const 3)))'),
  { expected: ['ok errno \\d\\d'], violations: ['(fs)?'] },
);
attack(
  'listing .. of a mount',
  guest(`(local $fd i32) ${data('..', 2048)}
  (local.set $fd (call $open (i32.const 3) (i32.const 2048) (i32.const 2) (i32.const 2) (i64.const 16384)))
  (if (i32.lt_s (local.get $fd) (i32.const 0)) (then (call $errno (i32.sub (i32.const 0) (local.get $fd))))
    (else (drop (call $fd_readdir (local.get $fd) (i32.const 8192) (i32.const 1024) (i64.const 0) (i32.const 64))) (call $say (i32.const 8192) (i32.const 1024))))`),
  { ...NO, got: (e) => last(e)?.output?.includes('outside') && 'it listed what is outside' },
);
attack('reading without any mount', text(`${FILES} (func (export "f") (call $reads (i32.const 3)))`), {
  calls: to('inside'),
  expected: ['ok errno \\d\\d'],
  violations: ['(fs)?'],
  got: stolen,
});

const environment = corpus('environment');
export const ENVIRONMENT = environment.attacks;
environment.attack(
  "the host's environment variables",
  `(memory (export "memory") 16) (func $say (export "f")
  (local $b i64) (local $i i32) (drop (call $environ_sizes_get (i32.const 0) (i32.const 4)))
  (drop (call $environ_get (i32.const 16) (i32.const 65536)))
  (local.set $b (call $alloc (i64.const 4096)))
  (loop $l (call $store_u8 (i64.add (local.get $b) (i64.extend_i32_u (local.get $i))) (i32.load8_u (i32.add (i32.const 65536) (local.get $i))))
    (local.set $i (i32.add (local.get $i) (i32.const 1))) (br_if $l (i32.lt_u (local.get $i) (i32.const 4096))))
  (call $output_set (local.get $b) (i64.const 4096)))`,
  { expected: ['ok'], got: (e) => last(e)?.output?.includes('HOSTILE_SECRET') && "the host's environment" },
);
environment.attack(
  'standard input of the host',
  `(memory (export "memory") 1) (func (export "f") (i32.store (i32.const 4) (i32.const 100))
  (drop (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8))) (if (i32.load (i32.const 8)) (then unreachable)))`,
  { got: (e) => last(e)?.code && 'something of standard input' },
);
environment.attack(
  'closing standard output and error of the host',
  '(memory (export "memory") 1) (func (export "f") (drop (call $fd_close (i32.const 1))) (drop (call $fd_close (i32.const 2))))',
);
environment.attack(
  'a socket that is descriptor 5 of the host',
  '(memory (export "memory") 1) (func (export "f") (i32.store (i32.const 4) (i32.const 10)) (if (i32.eqz (call $sock_send (i32.const 5) (i32.const 0) (i32.const 1) (i32.const 0) (i32.const 8))) (then unreachable)))',
  {
    expected: ['ERR_PERMISSION'],
    violations: ['env|fs'],
    got: (e) => last(e)?.code === 'ERR_TRAP' && 'it sent something',
  },
);
environment.attack(
  'leaving by proc_exit(7)',
  '(memory (export "memory") 1) (func (export "f") (call $proc_exit (i32.const 7)))',
  {
    expected: ['ERR_TRAP'],
    got: (e) => e.outcomes.some(({ fn, code }) => fn === 'f' && !code) && 'it counts as a success',
  },
);
