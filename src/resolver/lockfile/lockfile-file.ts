import { readFile, realpath } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type CordonError, cordonError } from '../../errors/cordon-error.js';
import { fileProblem, readFileCapped } from '../../integrity/read-file.js';
import { replaceFile } from '../../integrity/replace-file.js';
import { formatLockfile } from './format-lockfile.js';
import { EMPTY_LOCKFILE, type Lockfile } from './lockfile.js';
import { parseLockfile } from './parse-lockfile.js';

/** A lockfile of this size has some ten thousand plugins. */
const MAX_BYTES = 32 * 1024 * 1024;

/** Reads a lockfile; one that does not exist is empty. @throws ERR_OPTIONS */
export async function readLockfile(path: string, signal?: AbortSignal): Promise<Lockfile> {
  const target = await realTarget(path);
  let bytes: Uint8Array;
  try {
    bytes = await readFileCapped(target, {
      maxBytes: MAX_BYTES,
      signal,
      tooLarge: (observed) => unusable(path, `it has ${observed} bytes, and may have ${MAX_BYTES}`),
    });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return EMPTY_LOCKFILE;
    if (code?.startsWith('ERR_') === true) throw error;
    throw unusable(path, fileProblem(error), error);
  }
  return parseLockfile(new TextDecoder().decode(bytes), path);
}

/**
 * Writes a lockfile so that every reader finds the old or the new one, whole. A file that says the same already is left alone. Answers whether it was written.
 * @throws ERR_OPTIONS
 */
export async function writeLockfile(path: string, lockfile: Lockfile): Promise<boolean> {
  const target = await realTarget(path);
  const text = formatLockfile(lockfile);
  if ((await readFile(target, 'utf8').catch(() => undefined)) === text) return false;
  await replaceFile(target, text).catch((error: unknown) => {
    throw unusable(path, fileProblem(error), error);
  });
  return true;
}

/** Behind symbolic links, so that renaming replaces the file and not the link. */
function realTarget(path: string): Promise<string> {
  return realpath(path).catch(() => resolve(path));
}

function unusable(path: string, problem: string, cause?: unknown): CordonError {
  return cordonError(
    'ERR_OPTIONS',
    `The lockfile ${path} cannot be read or written: ${problem}. Correct the option "lockfile".`,
    { cause, details: { file: path } },
  );
}
