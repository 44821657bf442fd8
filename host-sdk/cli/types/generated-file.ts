import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { fileProblem } from '../../../src/integrity/read-file.js';
import { UsageError } from '../usage-error.js';

/** What became of a generated file: `missing` and `stale` only where nothing is written. */
export type FileState = 'written' | 'unchanged' | 'missing' | 'stale';

/** Writes the file where it does not say this already. @throws UsageError where it cannot be written */
export async function writeGenerated(path: string, text: string): Promise<FileState> {
  if ((await checkGenerated(path, text)) === 'unchanged') return 'unchanged';
  try {
    await mkdir(dirname(resolve(path)), { recursive: true });
    await writeFile(path, text);
  } catch (error) {
    throw new UsageError(`${path} cannot be written: ${fileProblem(error)}`);
  }
  return 'written';
}

/** Whether the file says this; the ends of lines make no difference. */
export async function checkGenerated(path: string, text: string): Promise<FileState> {
  let found: string;
  try {
    found = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'missing';
    throw new UsageError(`${path} cannot be read: ${fileProblem(error)}`);
  }
  return found.replaceAll('\r\n', '\n') === text ? 'unchanged' : 'stale';
}
