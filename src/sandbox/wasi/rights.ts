/** The rights of preview 1, one bit each. */
export const RIGHT = {
  FD_DATASYNC: 1n << 0n,
  FD_READ: 1n << 1n,
  FD_SEEK: 1n << 2n,
  FD_FDSTAT_SET_FLAGS: 1n << 3n,
  FD_SYNC: 1n << 4n,
  FD_TELL: 1n << 5n,
  FD_WRITE: 1n << 6n,
  FD_ADVISE: 1n << 7n,
  FD_ALLOCATE: 1n << 8n,
  PATH_CREATE_DIRECTORY: 1n << 9n,
  PATH_CREATE_FILE: 1n << 10n,
  PATH_OPEN: 1n << 13n,
  FD_READDIR: 1n << 14n,
  PATH_RENAME_SOURCE: 1n << 16n,
  PATH_RENAME_TARGET: 1n << 17n,
  PATH_FILESTAT_GET: 1n << 18n,
  PATH_FILESTAT_SET_SIZE: 1n << 19n,
  PATH_FILESTAT_SET_TIMES: 1n << 20n,
  FD_FILESTAT_GET: 1n << 21n,
  FD_FILESTAT_SET_SIZE: 1n << 22n,
  FD_FILESTAT_SET_TIMES: 1n << 23n,
  PATH_REMOVE_DIRECTORY: 1n << 25n,
  PATH_UNLINK_FILE: 1n << 26n,
  POLL_FD_READWRITE: 1n << 27n,
} as const;

/** Rights to change a file's bytes. */
export const FILE_WRITE_RIGHTS = RIGHT.FD_WRITE | RIGHT.FD_ALLOCATE | RIGHT.FD_FILESTAT_SET_SIZE;

const FILE_READ_RIGHTS =
  RIGHT.FD_READ |
  RIGHT.FD_SEEK |
  RIGHT.FD_TELL |
  RIGHT.FD_ADVISE |
  RIGHT.FD_FDSTAT_SET_FLAGS |
  RIGHT.FD_FILESTAT_GET |
  RIGHT.FD_SYNC |
  RIGHT.FD_DATASYNC |
  RIGHT.POLL_FD_READWRITE;

const FOLDER_READ_RIGHTS =
  RIGHT.PATH_OPEN |
  RIGHT.FD_READDIR |
  RIGHT.PATH_FILESTAT_GET |
  RIGHT.FD_FILESTAT_GET |
  RIGHT.FD_FDSTAT_SET_FLAGS |
  RIGHT.FD_SYNC |
  RIGHT.FD_DATASYNC;

const FOLDER_WRITE_RIGHTS =
  RIGHT.PATH_CREATE_DIRECTORY |
  RIGHT.PATH_CREATE_FILE |
  RIGHT.PATH_RENAME_SOURCE |
  RIGHT.PATH_RENAME_TARGET |
  RIGHT.PATH_FILESTAT_SET_SIZE |
  RIGHT.PATH_FILESTAT_SET_TIMES |
  RIGHT.FD_FILESTAT_SET_TIMES |
  RIGHT.PATH_REMOVE_DIRECTORY |
  RIGHT.PATH_UNLINK_FILE;

/** All that a regular file can carry; links and sockets have no bit here, so nobody ever holds theirs. */
export const FILE_RIGHTS = FILE_READ_RIGHTS | FILE_WRITE_RIGHTS | RIGHT.FD_FILESTAT_SET_TIMES;
/** All that a directory can carry. */
export const FOLDER_RIGHTS = FOLDER_READ_RIGHTS | FOLDER_WRITE_RIGHTS;

/** Rights that no descriptor of a read mount has. */
export const WRITE_RIGHTS = FOLDER_WRITE_RIGHTS | FILE_WRITE_RIGHTS;

/** No seek and no tell: that, and the character device, is how a guest's libc knows a terminal and buffers by line. */
export const OUTPUT_RIGHTS =
  RIGHT.FD_WRITE | RIGHT.FD_FDSTAT_SET_FLAGS | RIGHT.FD_FILESTAT_GET | RIGHT.POLL_FD_READWRITE;
export const INPUT_RIGHTS =
  RIGHT.FD_READ | RIGHT.FD_FDSTAT_SET_FLAGS | RIGHT.FD_FILESTAT_GET | RIGHT.POLL_FD_READWRITE;

export interface Rights {
  readonly base: bigint;
  readonly inheriting: bigint;
}

/** What a mount's own descriptor has, and can hand on. */
export function mountRights(writable: boolean): Rights {
  const all = FOLDER_RIGHTS | FILE_RIGHTS;
  const inheriting = writable ? all : all & ~WRITE_RIGHTS;
  return { base: inheriting & FOLDER_RIGHTS, inheriting };
}
