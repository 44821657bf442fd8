/** The file types of preview 1. */
export const FILE_TYPE = {
  unknown: 0,
  blockDevice: 1,
  characterDevice: 2,
  folder: 3,
  file: 4,
  socketDatagram: 5,
  socketStream: 6,
  symlink: 7,
} as const;
export type FileType = (typeof FILE_TYPE)[keyof typeof FILE_TYPE];

/** Times are nanoseconds since 1970. */
export interface FileStat {
  readonly device: bigint;
  readonly inode: bigint;
  readonly type: FileType;
  readonly links: bigint;
  readonly size: bigint;
  readonly accessed: bigint;
  readonly modified: bigint;
  readonly changed: bigint;
}

/** New times in nanoseconds since 1970; what is absent stays. */
export interface NewTimes {
  readonly accessed?: bigint;
  readonly modified?: bigint;
}

/** One open regular file. Positions are the caller's; a write past the end leaves zeros between. */
export interface OpenFile {
  stat(): FileStat;
  /** The bytes read; 0 at the end. */
  read(into: Uint8Array, position: number): number;
  /** The bytes written. */
  write(from: Uint8Array, position: number): number;
  resize(size: number): void;
  setTimes(times: NewTimes): void;
  sync(): void;
  close(): void;
}

export interface OpenHow {
  readonly read: boolean;
  readonly write: boolean;
  readonly create: boolean;
  readonly exclusive: boolean;
  /** Each write reaches the disk before it returns. */
  readonly sync: boolean;
}

/**
 * An open directory of a mount: on the host's disk or in memory. Names are single components, never `.`, `..`, empty
 * or with a `/`; nothing here follows a symbolic link. Limits, rights and quotas are the caller's.
 */
export interface Folder {
  /** Steps below the mount's root. */
  readonly depth: number;
  stat(): FileStat;
  statEntry(name: string): FileStat;
  /** Another handle on a directory below this one; the caller closes it. */
  folder(name: string): Folder;
  /** Another handle on this very directory; the caller closes it. */
  again(): Folder;
  openFile(name: string, how: OpenHow): { readonly file: OpenFile; readonly created: boolean };
  createFolder(name: string): void;
  removeFolder(name: string): void;
  removeFile(name: string): void;
  /** `to` is a folder of the same mount. */
  rename(name: string, to: Folder, newName: string): void;
  setTimes(times: NewTimes): void;
  /** Every entry's name; EOVERFLOW when there are more than `limit`. */
  names(limit: number): string[];
  close(): void;
}

/** Deeper directories are neither made nor entered: a walk holds one host descriptor for each step. */
export const MAX_DEPTH = 64;
