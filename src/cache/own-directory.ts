import type { Stats } from 'node:fs';
import { mkdir, realpath, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Makes a directory for its owner alone, and what is missing above it. Node's own `recursive` does not end where the system says
 * ENOENT below a folder that exists, as in `/proc`.
 */
export async function makeOwnDirectory(path: string): Promise<void> {
  const make = (): Promise<void> => mkdir(path, { mode: 0o700 });
  try {
    await make();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' && (await stat(path)).isDirectory()) return;
    if (code !== 'ENOENT' || dirname(path) === path) throw error;
    await makeOwnDirectory(dirname(path));
    await make().catch((again: NodeJS.ErrnoException) => {
      // Another process was faster.
      if (again.code !== 'EEXIST') throw again;
    });
  }
}

const OTHERS_WRITE = 0o022;
const ANYBODY_WRITES = 0o002;
const STICKY = 0o1000;

/**
 * Why others could put files into the directory, or undefined. It must belong to this process's user or to root, be writable
 * for its owner only, and no folder above may let everybody rename what is in it. On Windows nothing of it is known.
 */
export async function notOurOwn(directory: string): Promise<string | undefined> {
  if (process.platform === 'win32') return undefined;
  const path = await realpath(directory);
  const problem = othersMayWrite(await stat(path));
  if (problem) return problem;
  for (let above = dirname(path); ; above = dirname(above)) {
    const { mode } = await stat(above);
    if (mode & ANYBODY_WRITES && !(mode & STICKY)) return `everybody may write to ${above} above it`;
    if (above === dirname(above)) return undefined;
  }
}

/** The same for one file or folder as it is open or looked at. */
export function othersMayWrite({ uid, mode }: Pick<Stats, 'uid' | 'mode'>): string | undefined {
  if (process.platform === 'win32') return undefined;
  const own = process.getuid!();
  if (uid !== own && uid !== 0) return `it belongs to user ${uid}, and this process is ${own}`;
  if (mode & OTHERS_WRITE) return `others may write to it (mode ${(mode & 0o777).toString(8)})`;
  return undefined;
}
