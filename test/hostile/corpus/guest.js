import wabt from 'wabt';

const ENV = {
  alloc: '(param i64) (result i64)',
  free: '(param i64)',
  length: '(param i64) (result i64)',
  load_u8: '(param i64) (result i32)',
  load_u64: '(param i64) (result i64)',
  store_u8: '(param i64 i32)',
  store_u64: '(param i64 i64)',
  input_offset: '(result i64)',
  input_length: '(result i64)',
  input_load_u8: '(param i64) (result i32)',
  output_set: '(param i64 i64)',
  error_set: '(param i64)',
  config_get: '(param i64) (result i64)',
  var_get: '(param i64) (result i64)',
  var_set: '(param i64 i64)',
  log_info: '(param i64)',
  http_request: '(param i64 i64) (result i64)',
};
const WASI = {
  proc_exit: '(param i32)',
  fd_write: '(param i32 i32 i32 i32) (result i32)',
  fd_read: '(param i32 i32 i32 i32) (result i32)',
  fd_close: '(param i32) (result i32)',
  fd_filestat_set_size: '(param i32 i64) (result i32)',
  fd_readdir: '(param i32 i32 i32 i64 i32) (result i32)',
  fd_renumber: '(param i32 i32) (result i32)',
  path_open: '(param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)',
  path_symlink: '(param i32 i32 i32 i32 i32) (result i32)',
  path_link: '(param i32 i32 i32 i32 i32 i32 i32) (result i32)',
  path_rename: '(param i32 i32 i32 i32 i32 i32) (result i32)',
  path_create_directory: '(param i32 i32 i32) (result i32)',
  path_unlink_file: '(param i32 i32 i32) (result i32)',
  path_filestat_set_times: '(param i32 i32 i32 i32 i64 i64 i32) (result i32)',
  path_filestat_get: '(param i32 i32 i32 i32 i32) (result i32)',
  environ_get: '(param i32 i32) (result i32)',
  environ_sizes_get: '(param i32 i32) (result i32)',
  poll_oneoff: '(param i32 i32 i32 i32) (result i32)',
  random_get: '(param i32 i32) (result i32)',
  sock_send: '(param i32 i32 i32 i32 i32) (result i32)',
};
const USER = {
  plugin_call: '(param i64 i64 i64) (result i64)',
  wait: '',
  tick: '',
  never: '',
  late: '',
  throws: '',
  throws_nothing: '',
  throws_bare: '',
  rejects: '(result i64)',
  gives_symbol: '(result i64)',
  gives_number: '(result i64)',
  gives_thenable: '(result i64)',
  gives_huge: '(result i64)',
  takes_json: '(param i64)',
  takes_text: '(param i64)',
};
const FEATURES = {
  exceptions: true,
  mutable_globals: true,
  sat_float_to_int: true,
  sign_extension: true,
  simd: true,
  threads: true,
  multi_value: true,
  tail_call: true,
  bulk_memory: true,
  reference_types: true,
  multi_memory: true,
  extended_const: true,
};
const tools = await wabt();

/**
 * Bytes of a module. Every known function that the text calls as `$name` is imported, and where the text has none, an
 * export `fine` is added, which does nothing and has to work after the attack.
 * @param {string} body
 */
export function wat(body) {
  const used = new Set([...body.matchAll(/\$([a-z_0-9]+)/g)].map(([, name]) => name ?? ''));
  const imports = [
    ...lines(ENV, 'extism:host/env', used),
    ...lines(USER, 'extism:host/user', used),
    ...lines(WASI, 'wasi_snapshot_preview1', used),
  ];
  const fine = body.includes('(export "fine")') ? '' : '(func (export "fine"))';
  const module = tools.parseWat('hostile.wat', `(module ${imports.join('\n')} ${body} ${fine})`, FEATURES);
  try {
    return new Uint8Array(module.toBinary({ write_debug_names: true }).buffer);
  } finally {
    module.destroy();
  }
}

/**
 * @param {Readonly<Record<string, string>>} types
 * @param {string} namespace
 * @param {ReadonlySet<string>} used
 */
function lines(types, namespace, used) {
  return Object.entries(types)
    .filter(([name]) => used.has(name))
    .map(([name, type]) => `(import "${namespace}" "${name}" (func $${name} ${type}))`);
}

/** Bytes of a module of these sections, each an id and its content; nobody checks that it is a good one. */
export function sections(/** @type {readonly (readonly [number, Iterable<number>])[]} */ ...list) {
  const parts = [Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0)];
  for (const [id, content] of list) {
    const bytes = Uint8Array.from(content);
    parts.push(Uint8Array.of(id, ...leb(bytes.length)), bytes);
  }
  return new Uint8Array(Buffer.concat(parts));
}

/** @param {number} value */
export function leb(value) {
  /** @type {number[]} */
  const bytes = [];
  let rest = value;
  do {
    bytes.push((rest % 128) | (rest >= 128 ? 0x80 : 0));
    rest = Math.floor(rest / 128);
  } while (rest > 0);
  return bytes;
}

/** One function of type `() -> ()`, exported as `f`, with this code as its body: locals first, `end` last. */
export function functionOf(/** @type {Iterable<number>} */ body) {
  const code = Uint8Array.from(body);
  return sections(
    [1, [1, 0x60, 0, 0]],
    [3, [1, 0]],
    [7, [1, 1, 0x66, 0, 0]],
    [10, Buffer.concat([Uint8Array.of(1, ...leb(code.length)), code])],
  );
}

export const SPIN = '(loop $forever (br $forever))';

/** `$block(at, length)` copies a piece of memory into a new block. Needs a memory. */
export const BLOCK = `
  (func $block (param $at i32) (param $n i32) (result i64) (local $b i64) (local $i i32)
    (local.set $b (call $alloc (i64.extend_i32_u (local.get $n))))
    (if (local.get $n) (then (loop $next
      (call $store_u8 (i64.add (local.get $b) (i64.extend_i32_u (local.get $i)))
        (i32.load8_u (i32.add (local.get $at) (local.get $i))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $i) (local.get $n))))))
    (local.get $b))
  (func $say (param $at i32) (param $n i32)
    (call $output_set (call $block (local.get $at) (local.get $n)) (i64.extend_i32_u (local.get $n))))`;

/** `$input(at)` copies the call's input into memory and gives its length. */
export const INPUT = `
  (func $input (param $at i32) (result i32) (local $i i32) (local $n i32)
    (local.set $n (i32.wrap_i64 (call $input_length)))
    (block $done (loop $next
      (br_if $done (i32.ge_u (local.get $i) (local.get $n)))
      (i32.store8 (i32.add (local.get $at) (local.get $i)) (call $input_load_u8 (i64.extend_i32_u (local.get $i))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br $next)))
    (local.get $n))`;

/** Sends the input as a request, and gives back what came. */
export const HTTP = `(func (export "f") (local $b i64)
  (local.set $b (call $http_request (call $input_offset) (i64.const 0)))
  (if (i64.ne (local.get $b) (i64.const 0))
    (then (call $output_set (local.get $b) (call $length (local.get $b))))))`;

/** `$errno(n)` says `errno NN`. Needs {@link BLOCK} and a memory, whose first bytes are used. */
export const ERRNO = `
  (data (i32.const 0) "errno 00")
  (func $errno (param $e i32)
    (i32.store8 (i32.const 6) (i32.add (i32.const 48) (i32.div_u (local.get $e) (i32.const 10))))
    (i32.store8 (i32.const 7) (i32.add (i32.const 48) (i32.rem_u (local.get $e) (i32.const 10))))
    (call $say (i32.const 0) (i32.const 8)))`;

/**
 * `$open(fd, at, length, oflags, rights)` opens a path, following links where WASI lets it: descriptor, or minus errno.
 * `$read(fd)` says what is in a file, `$write(fd)` writes into it. Needs {@link ERRNO}.
 */
export const FILES = `
  (memory (export "memory") 4)
  (data (i32.const 32) "written by the guest")
  ${BLOCK} ${INPUT} ${ERRNO}
  (func $open (param $fd i32) (param $at i32) (param $n i32) (param $oflags i32) (param $rights i64) (result i32)
    (local $e i32)
    (local.set $e (call $path_open (local.get $fd) (i32.const 1) (local.get $at) (local.get $n) (local.get $oflags)
      (local.get $rights) (local.get $rights) (i32.const 0) (i32.const 64)))
    (if (result i32) (local.get $e)
      (then (i32.sub (i32.const 0) (local.get $e))) (else (i32.load (i32.const 64)))))
  (func $read (param $fd i32) (local $e i32)
    (i32.store (i32.const 80) (i32.const 8192)) (i32.store (i32.const 84) (i32.const 4096))
    (local.set $e (call $fd_read (local.get $fd) (i32.const 80) (i32.const 1) (i32.const 88)))
    (if (local.get $e) (then (call $errno (local.get $e)))
      (else (call $say (i32.const 8192) (i32.load (i32.const 88))))))
  (func $write (param $fd i32) (result i32)
    (i32.store (i32.const 80) (i32.const 32)) (i32.store (i32.const 84) (i32.const 20))
    (call $fd_write (local.get $fd) (i32.const 80) (i32.const 1) (i32.const 88)))
  (func $reads (export "reads") (param $mount i32) (local $fd i32)
    (local.set $fd (call $open (local.get $mount) (i32.const 1024) (call $input (i32.const 1024)) (i32.const 0) (i64.const 2)))
    (if (i32.lt_s (local.get $fd) (i32.const 0))
      (then (call $errno (i32.sub (i32.const 0) (local.get $fd)))) (else (call $read (local.get $fd)))))
  (func $writes (export "writes") (param $mount i32) (param $oflags i32) (local $fd i32)
    (local.set $fd (call $open (local.get $mount) (i32.const 1024) (call $input (i32.const 1024)) (local.get $oflags) (i64.const 64)))
    (call $errno (if (result i32) (i32.lt_s (local.get $fd) (i32.const 0))
      (then (i32.sub (i32.const 0) (local.get $fd))) (else (call $write (local.get $fd))))))`;

/**
 * `$ask` calls `fn` of the plugin `target` and gives 1 where no answer comes. Needs a memory.
 * @param {string} target
 * @param {string} fn
 */
export function ask(target, fn) {
  return `(data (i32.const 0) "${target}${fn}")
    (func $block (param $at i32) (param $n i32) (result i64) (local $b i64) (local $i i32)
      (local.set $b (call $alloc (i64.extend_i32_u (local.get $n))))
      (loop $next
        (call $store_u8 (i64.add (local.get $b) (i64.extend_i32_u (local.get $i)))
          (i32.load8_u (i32.add (local.get $at) (local.get $i))))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br_if $next (i32.lt_u (local.get $i) (local.get $n))))
      (local.get $b))
    (func $ask (result i32) (i64.eqz (call $plugin_call
      (call $block (i32.const 0) (i32.const ${target.length}))
      (call $block (i32.const ${target.length}) (i32.const ${fn.length})) (i64.const 0))))`;
}
