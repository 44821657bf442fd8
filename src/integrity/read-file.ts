import { constants, type Stats } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { abortable, throwIfAborted } from './abortable.js';

export interface ReadFileOptions {
  /** How much may be read; one byte more is `tooLarge`. */
  readonly maxBytes: number;
  readonly signal?: AbortSignal | undefined;
  /** Makes the error for a file above `maxBytes`; `observed` is its size as far as it is known. */
  readonly tooLarge: (observed: number) => Error;
  /** Throws where the file, as it was opened, is not to be read. */
  readonly accept?: (found: Stats) => void;
}

const CHUNK = 4 * 1024 * 1024;

/**
 * Reads a regular file and stops at the cap. The bytes are exactly the caller's: their buffer holds nothing else.
 * The last part of `path` is not followed where it is a symbolic link: pass a real path. Throws Node's own errors for
 * what the file system refuses.
 */
export async function readFileCapped(
  path: string,
  options: ReadFileOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  throwIfAborted(options.signal, `reading ${path}`);
  return abortable(readRegularFile(path, options), options.signal, `reading ${path}`);
}

async function readRegularFile(path: string, options: ReadFileOptions): Promise<Uint8Array<ArrayBuffer>> {
  // O_NONBLOCK: opening a FIFO would otherwise wait for a writer for ever. Both flags are missing on Windows.
  const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
  const handle = await open(path, flags);
  try {
    const stat = await handle.stat();
    if (!stat.isFile()) throw notAFile(path);
    options.accept?.(stat);
    if (stat.size > options.maxBytes) throw options.tooLarge(stat.size);
    return await readAll(handle, stat.size, path, options);
  } finally {
    await handle.close();
  }
}

/** Believes neither the size that `stat` reported nor that the file stays as it is. */
async function readAll(
  handle: FileHandle,
  expected: number,
  path: string,
  { maxBytes, signal, tooLarge }: ReadFileOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  let bytes = new Uint8Array(expected);
  let length = 0;
  const probe = new Uint8Array(1);
  for (;;) {
    throwIfAborted(signal, `reading ${path}`);
    const full = length === bytes.length;
    const target = full ? probe : bytes.subarray(length, Math.min(bytes.length, length + CHUNK));
    const { bytesRead } = await handle.read(target, 0, target.length, null);
    if (bytesRead === 0) break;
    if (length + bytesRead > maxBytes) throw tooLarge(length + bytesRead);
    if (full) {
      const grown = new Uint8Array(Math.min(Math.max(bytes.length * 2, 4096), maxBytes));
      grown.set(bytes);
      grown.set(probe, length);
      bytes = grown;
    }
    length += bytesRead;
  }
  return length === bytes.length ? bytes : bytes.slice(0, length);
}

function notAFile(path: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${path} is not a regular file`), { code: 'ENOTFILE', path });
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'it does not exist',
  ENOTDIR: 'a part of its path is not a folder',
  EISDIR: 'it is a folder',
  ENOTFILE: 'it is not a regular file',
  EACCES: 'the permission is missing',
  EPERM: 'the permission is missing',
  ELOOP: 'it is a symbolic link that leads nowhere or was put there just now',
  ENAMETOOLONG: 'its path is too long',
  EEXIST: 'there is something else of that name',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the quota is used up',
};

/** What the file system said, in words that end a sentence. */
export function fileProblem(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return REASONS[code ?? ''] ?? message ?? String(error);
}
