/** Every function of WASI preview 1 with its parameters: `i` is an i32, `I` an i64. */
const SIGNATURES = {
  args_get: 'ii',
  args_sizes_get: 'ii',
  environ_get: 'ii',
  environ_sizes_get: 'ii',
  clock_res_get: 'ii',
  clock_time_get: 'iIi',
  fd_advise: 'iIIi',
  fd_allocate: 'iII',
  fd_close: 'i',
  fd_datasync: 'i',
  fd_fdstat_get: 'ii',
  fd_fdstat_set_flags: 'ii',
  fd_fdstat_set_rights: 'iII',
  fd_filestat_get: 'ii',
  fd_filestat_set_size: 'iI',
  fd_filestat_set_times: 'iIIi',
  fd_pread: 'iiiIi',
  fd_prestat_get: 'ii',
  fd_prestat_dir_name: 'iii',
  fd_pwrite: 'iiiIi',
  fd_read: 'iiii',
  fd_readdir: 'iiiIi',
  fd_renumber: 'ii',
  fd_seek: 'iIii',
  fd_sync: 'i',
  fd_tell: 'ii',
  fd_write: 'iiii',
  path_create_directory: 'iii',
  path_filestat_get: 'iiiii',
  path_filestat_set_times: 'iiiiIIi',
  path_link: 'iiiiiii',
  path_open: 'iiiiiIIii',
  path_readlink: 'iiiiii',
  path_remove_directory: 'iii',
  path_rename: 'iiiiii',
  path_symlink: 'iiiii',
  path_unlink_file: 'iii',
  poll_oneoff: 'iiii',
  proc_exit: 'i',
  proc_raise: 'i',
  random_get: 'ii',
  sched_yield: '',
  sock_accept: 'iii',
  sock_recv: 'iiiiii',
  sock_send: 'iiiii',
  sock_shutdown: 'ii',
} as const;

export type WasiFunctionName = keyof typeof SIGNATURES;

type Arguments<Signature extends string> = Signature extends `i${infer Rest}`
  ? [number, ...Arguments<Rest>]
  : Signature extends `I${infer Rest}`
    ? [bigint, ...Arguments<Rest>]
    : [];

/**
 * How the functions are written inside Cordon: arguments arrive checked and unsigned, returning means success, and a
 * `Fault` is thrown for anything else.
 */
export type WasiFunctions = {
  readonly [Name in WasiFunctionName]: (...args: Arguments<(typeof SIGNATURES)[Name]>) => void;
};

export const WASI_FUNCTION_NAMES = Object.keys(SIGNATURES) as readonly WasiFunctionName[];

/**
 * The type that a module must import `name` with; undefined when preview 1 has no such function. For the check before
 * instantiation: a JavaScript import links with any type.
 */
export function wasiSignature(name: string): { params: ('i32' | 'i64')[]; results: 'i32'[] } | undefined {
  if (!Object.hasOwn(SIGNATURES, name)) return undefined;
  return {
    params: [...SIGNATURES[name as WasiFunctionName]].map((letter) => (letter === 'i' ? 'i32' : 'i64')),
    results: name === 'proc_exit' ? [] : ['i32'],
  };
}

/**
 * The arguments as unsigned numbers; undefined when the guest imported the function with another type, which the
 * JavaScript side cannot see before it is called.
 */
export function checkedArguments(
  name: WasiFunctionName,
  args: readonly unknown[],
): (number | bigint)[] | undefined {
  const signature = SIGNATURES[name];
  if (args.length !== signature.length) return undefined;
  const checked: (number | bigint)[] = [];
  for (let index = 0; index < args.length; index++) {
    const value = args[index];
    if (signature[index] === 'i') {
      if (typeof value !== 'number') return undefined;
      checked.push(value >>> 0);
    } else {
      if (typeof value !== 'bigint') return undefined;
      checked.push(BigInt.asUintN(64, value));
    }
  }
  return checked;
}
