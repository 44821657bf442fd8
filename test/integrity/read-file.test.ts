import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fileProblem, readFileCapped } from '../../src/integrity/read-file.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cordon-read-'));
});
afterAll(() => rm(folder, { recursive: true }));

class TooLarge extends Error {
  readonly observed: number;
  constructor(observed: number) {
    super('too large');
    this.observed = observed;
  }
}
const tooLarge = (observed: number): Error => new TooLarge(observed);

test('a file is read into a buffer of its own', async () => {
  const path = join(folder, 'small');
  await writeFile(path, 'content');
  const bytes = await readFileCapped(path, { maxBytes: 7, tooLarge });
  expect(Buffer.from(bytes.buffer).toString()).toBe('content');
});

test('an empty file is no bytes', async () => {
  const path = join(folder, 'empty');
  await writeFile(path, '');
  expect(await readFileCapped(path, { maxBytes: 0, tooLarge })).toHaveLength(0);
});

test('a file above the cap is refused with its size before it is read', async () => {
  const path = join(folder, 'large');
  await writeFile(path, new Uint8Array(100_000));
  await expect(readFileCapped(path, { maxBytes: 99_999, tooLarge })).rejects.toMatchObject({
    observed: 100_000,
  });
});

test.runIf(process.platform === 'linux')(
  'a file whose size is not known before is read, and stopped at the cap',
  async () => {
    const whole = await readFileCapped('/proc/self/status', { maxBytes: 1_000_000, tooLarge });
    expect(Buffer.from(whole).toString()).toContain('Pid:');
    await expect(readFileCapped('/proc/self/status', { maxBytes: 100, tooLarge })).rejects.toMatchObject({
      observed: 101,
    });
  },
);

test.runIf(process.platform !== 'win32')('a pipe is refused and not waited for', async () => {
  const path = join(folder, 'pipe');
  execFileSync('mkfifo', [path]);
  const error = await readFileCapped(path, { maxBytes: 10, tooLarge }).catch((e: unknown) => e);
  expect(fileProblem(error)).toBe('it is not a regular file');
});

test.runIf(process.platform !== 'win32')('a symbolic link in the last place is not followed', async () => {
  await writeFile(join(folder, 'target'), 'x');
  await symlink(join(folder, 'target'), join(folder, 'link'));
  await expect(readFileCapped(join(folder, 'link'), { maxBytes: 10, tooLarge })).rejects.toMatchObject({
    code: 'ELOOP',
  });
});

test('what the file system refuses is told in words', async () => {
  const missing = await readFileCapped(join(folder, 'nothing'), { maxBytes: 1, tooLarge }).catch((e) => e);
  expect(fileProblem(missing)).toBe('it does not exist');
  const directory = await readFileCapped(folder, { maxBytes: 1, tooLarge }).catch((e) => e);
  expect(fileProblem(directory)).toBe('it is not a regular file');
});

test('a signal that has fired reads nothing', async () => {
  await expect(
    readFileCapped(join(folder, 'nothing'), { maxBytes: 1, tooLarge, signal: AbortSignal.abort() }),
  ).rejects.toMatchObject({ code: 'ERR_ABORTED' });
});
