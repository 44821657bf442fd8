import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { formatLockfile } from '../../../src/resolver/lockfile/format-lockfile.js';
import { EMPTY_LOCKFILE } from '../../../src/resolver/lockfile/lockfile.js';
import { readLockfile, writeLockfile } from '../../../src/resolver/lockfile/lockfile-file.js';
import { lockfile } from './lockfiles.js';

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'cordon-lock-'));
  onTestFinished(() => rm(path, { recursive: true }));
  return path;
}

test('a lockfile that does not exist is empty', async () => {
  expect(await readLockfile(join(await folder(), 'plugins.lock.json'))).toEqual(EMPTY_LOCKFILE);
});

test('what was written is read, and nothing else is left beside it', async () => {
  const root = await folder();
  const path = join(root, 'plugins.lock.json');
  expect(await writeLockfile(path, lockfile({ a: {} }))).toBe(true);
  expect(await writeLockfile(path, lockfile({ a: {}, b: {} }))).toBe(true);
  expect(await readLockfile(path)).toEqual(lockfile({ a: {}, b: {} }));
  expect(await readdir(root)).toEqual(['plugins.lock.json']);
});

test('a file that says the same already is left alone', async () => {
  const path = join(await folder(), 'plugins.lock.json');
  await writeLockfile(path, lockfile({ a: {} }));
  const { ino } = await stat(path);
  expect(await writeLockfile(path, lockfile({ a: {} }))).toBe(false);
  expect((await stat(path)).ino).toBe(ino);
});

test('many writers at once leave one of their files, whole', async () => {
  const root = await folder();
  const path = join(root, 'plugins.lock.json');
  const files = Array.from({ length: 10 }, (_, i) =>
    lockfile({ [`p${i}`]: {}, shared: { version: `1.0.${i}` } }),
  );
  await Promise.all(files.map((one) => writeLockfile(path, one)));
  expect(files.map(formatLockfile)).toContain(await readFile(path, 'utf8'));
  expect(await readdir(root)).toEqual(['plugins.lock.json']);
});

test.runIf(process.platform !== 'win32')(
  'behind a symbolic link the file is replaced and the link stays',
  async () => {
    const root = await folder();
    await writeFile(join(root, 'real.json'), formatLockfile(EMPTY_LOCKFILE));
    await symlink(join(root, 'real.json'), join(root, 'link.json'));
    await writeLockfile(join(root, 'link.json'), lockfile({ a: {} }));
    expect(await readLockfile(join(root, 'real.json'))).toEqual(lockfile({ a: {} }));
  },
);

test('what cannot be written is ERR_OPTIONS with the path, and leaves nothing behind', async () => {
  const root = await folder();
  await mkdir(join(root, 'plugins.lock.json'));
  await expect(writeLockfile(join(root, 'plugins.lock.json'), EMPTY_LOCKFILE)).rejects.toMatchObject({
    code: 'ERR_OPTIONS',
    details: { file: join(root, 'plugins.lock.json') },
  });
  await expect(writeLockfile(join(root, 'none', 'x.json'), EMPTY_LOCKFILE)).rejects.toMatchObject({
    code: 'ERR_OPTIONS',
  });
  expect(await readdir(root)).toEqual(['plugins.lock.json']);
});

test('what cannot be read is ERR_OPTIONS with the path', async () => {
  const root = await folder();
  await expect(readLockfile(root)).rejects.toMatchObject({ code: 'ERR_OPTIONS', details: { file: root } });
  await writeFile(join(root, 'broken.json'), '{');
  await expect(readLockfile(join(root, 'broken.json'))).rejects.toMatchObject({
    code: 'ERR_OPTIONS',
    message: expect.stringContaining(join(root, 'broken.json')),
  });
});

test('a signal that has fired reads nothing', async () => {
  await expect(readLockfile('/nowhere.json', AbortSignal.abort())).rejects.toMatchObject({
    code: 'ERR_ABORTED',
  });
});
