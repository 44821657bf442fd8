import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DiskCache } from '../../src/cache/disk-cache.js';
import { notOurOwn, othersMayWrite } from '../../src/cache/own-directory.js';
import { temporaryFolder } from '../host/plugin-folder.js';

const module = (size = 3, fill = 7) => ({ facts: { a: 'b' }, bytes: new Uint8Array(size).fill(fill) });
const onWindows = process.platform === 'win32';

async function open(directory = join(temporaryFolder(), 'cache'), maxBytes = 1_000_000) {
  const cache = await DiskCache.open({ directory, maxBytes });
  const warnings: string[] = [];
  cache.onWarning((message) => warnings.push(message));
  return { cache, warnings, directory };
}

async function keep(cache: DiskCache, key: string, what = module()): Promise<void> {
  cache.write(key, what);
  await cache.flush();
}

const fileIn = (directory: string): string => join(directory, readdirSync(directory)[0]!);

describe('the cache on disk', () => {
  it('gives back what it was given, in another process and life too', async () => {
    const { cache, directory } = await open();
    expect(await cache.read('a')).toBeUndefined();
    await keep(cache, 'a');
    expect(await cache.read('a')).toEqual(module());
    expect(await cache.read('b')).toBeUndefined();
    expect(cache.stats).toEqual({ hits: 1, misses: 2, writes: 1, damaged: 0, evicted: 0 });
    expect(await (await open(directory)).cache.read('a')).toEqual(module());
  });

  it.skipIf(onWindows)('makes a directory and files of its owner alone', async () => {
    const { cache, directory } = await open(join(temporaryFolder(), 'a', 'b'));
    await keep(cache, 'a');
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    expect(statSync(fileIn(directory)).mode & 0o777).toBe(0o600);
  });

  it.each<[string, (path: string) => void]>([
    ['cut', (path) => writeFileSync(path, readFileSync(path).subarray(0, 60))],
    ['empty', (path) => writeFileSync(path, '')],
    [
      'flipped in one bit',
      (path) => {
        const bytes = readFileSync(path);
        bytes[bytes.length - 1]! ^= 1;
        writeFileSync(path, bytes);
      },
    ],
    ['huge', (path) => writeFileSync(path, Buffer.alloc(1_000_001))],
    [
      'a link',
      (path) => {
        renameSync(path, `${path}.real`);
        symlinkSync(`${path}.real`, path);
      },
    ],
    ...(onWindows ? [] : ([['writable for others', (path: string) => chmodSync(path, 0o666)]] as const)),
  ] as [string, (path: string) => void][])(
    'drops an entry that is %s, tells, and takes it anew',
    async (_, damage) => {
      const { cache, warnings, directory } = await open();
      await keep(cache, 'a');
      const path = fileIn(directory);
      damage(path);
      expect(await cache.read('a')).toBeUndefined();
      expect(warnings).toEqual([
        expect.stringMatching(/^An entry of the module cache was damaged, and dropped/),
      ]);
      expect(cache.stats).toMatchObject({ hits: 0, damaged: 1 });
      await keep(cache, 'a');
      expect(await cache.read('a')).toEqual(module());
    },
  );

  it('does not take a neighbour’s entry under another name', async () => {
    const { cache, directory } = await open();
    await keep(cache, 'a');
    const path = fileIn(directory);
    await keep(cache, 'b', module(3, 9));
    const other = readdirSync(directory)
      .map((name) => join(directory, name))
      .find((one) => one !== path)!;
    renameSync(other, path);
    expect(await cache.read('a')).toBeUndefined();
    expect(cache.stats.damaged).toBe(1);
  });

  it('keeps its limit: what was used longest ago goes first, strangers’ files stay', async () => {
    const { cache, directory } = await open(undefined, 10_000);
    writeFileSync(join(directory, 'notes.txt'), Buffer.alloc(50_000));
    for (const key of ['a', 'b', 'c']) await keep(cache, key, module(3000));
    for (const name of readdirSync(directory)) utimesSync(join(directory, name), 1000, 1000);
    expect(await cache.read('a')).toEqual(module(3000));
    await keep(cache, 'd', module(6000));
    const kept = await Promise.all(
      ['a', 'b', 'c', 'd'].map(async (key) => (await cache.read(key)) !== undefined),
    );
    expect(kept).toEqual([true, false, false, true]);
    expect(cache.stats.evicted).toBe(2);
    expect(readdirSync(directory)).toContain('notes.txt');
  });

  it('does not write what is larger than all of it, and nothing with 0', async () => {
    const { cache, directory } = await open(undefined, 1000);
    await keep(cache, 'a', module(1000));
    const none = await open(directory, 0);
    await keep(none.cache, 'b');
    expect(readdirSync(directory)).toEqual([]);
  });

  it('removes what a process that died was writing, once it is old', async () => {
    const { cache, directory } = await open();
    const part = (name: string) =>
      join(directory, `${'0'.repeat(64)}.cordon.${name}-0000-0000-0000-000000000000.tmp`);
    writeFileSync(part('00000000'), 'x');
    writeFileSync(part('11111111'), 'x');
    utimesSync(part('00000000'), 1000, 1000);
    await keep(cache, 'a');
    expect(readdirSync(directory).filter((name) => name.endsWith('.tmp'))).toHaveLength(1);
  });

  it('takes many writes of one key at once, and many readers beside them', async () => {
    const { cache, directory, warnings } = await open();
    const second = (await open(directory)).cache;
    const found: (Uint8Array | undefined)[] = [];
    for (let turn = 0; turn < 20; turn++) {
      cache.write('a', module(100_000));
      second.write('a', module(100_000));
      for (const one of await Promise.all([cache.read('a'), second.read('a')])) found.push(one?.bytes);
    }
    await Promise.all([cache.flush(), second.flush()]);
    expect(warnings).toEqual([]);
    expect(cache.stats.damaged + second.stats.damaged).toBe(0);
    found.push((await cache.read('a'))?.bytes);
    const whole = module(100_000).bytes;
    expect(found.filter((one) => one && Buffer.compare(one, whole) !== 0)).toEqual([]);
    expect(found.at(-1)).toBeDefined();
    expect(readdirSync(directory)).toHaveLength(1);
  });
});

describe('a directory', () => {
  it('that is a file is refused', async () => {
    const path = join(temporaryFolder(), 'file');
    writeFileSync(path, '');
    await expect(open(path)).rejects.toMatchObject({ code: 'ERR_OPTIONS' });
    await expect(open(join(path, 'cache'))).rejects.toMatchObject({ code: 'ERR_OPTIONS' });
  });

  it.skipIf(onWindows).each([0o777, 0o770, 0o707])('of mode %o is refused', async (mode) => {
    const directory = temporaryFolder();
    chmodSync(directory, mode);
    await expect(open(directory)).rejects.toMatchObject({
      code: 'ERR_OPTIONS',
      message: expect.stringMatching(/others may write to it \(mode/),
    });
  });

  it.skipIf(onWindows)(
    'below one where everybody may rename is refused, below a sticky one not',
    async () => {
      const above = temporaryFolder();
      mkdirSync(join(above, 'cache'), { mode: 0o700 });
      chmodSync(above, 0o777);
      expect(await notOurOwn(join(above, 'cache'))).toContain('everybody may write to');
      chmodSync(above, 0o1777);
      expect(await notOurOwn(join(above, 'cache'))).toBeUndefined();
    },
  );

  it.skipIf(onWindows)('of another user is not ours, of root it is', () => {
    const own = process.getuid!();
    expect(othersMayWrite({ uid: own + 1, mode: 0o700 })).toContain(`user ${own + 1}`);
    expect(othersMayWrite({ uid: 0, mode: 0o755 })).toBeUndefined();
  });

  it.skipIf(onWindows)('whose mode changes later is not used any more, which is told once', async () => {
    const { cache, warnings, directory } = await open();
    await keep(cache, 'a');
    chmodSync(directory, 0o777);
    expect(await cache.read('a')).toBeUndefined();
    await keep(cache, 'b');
    expect(await cache.read('a')).toBeUndefined();
    expect(warnings).toEqual([expect.stringContaining('is not used any more: others may write to it')]);
    chmodSync(directory, 0o700);
    expect(await cache.read('a')).toEqual(module());
  });

  it.skipIf(onWindows)('behind a link is the one that the link led to at the start', async () => {
    const above = temporaryFolder();
    const [first, second, link] = ['first', 'second', 'link'].map((name) => join(above, name)) as [
      string,
      string,
      string,
    ];
    mkdirSync(first, { mode: 0o700 });
    mkdirSync(second, { mode: 0o700 });
    const other = (await open(second)).cache;
    await keep(other, 'a', module(3, 9));
    symlinkSync(first, link);
    const { cache } = await open(link);
    await keep(cache, 'b');
    rmSync(link);
    symlinkSync(second, link);
    expect(await cache.read('a')).toBeUndefined();
    expect(await cache.read('b')).toEqual(module());
    expect(readdirSync(first)).toHaveLength(1);
  });

  it.skipIf(onWindows)(
    'may have links in the place of entries, whose targets are neither touched nor counted',
    async () => {
      const { cache, directory } = await open(undefined, 1000);
      const outside = join(temporaryFolder(), 'large');
      writeFileSync(outside, Buffer.alloc(50_000));
      utimesSync(outside, 1000, 1000);
      await keep(cache, 'a');
      const path = fileIn(directory);
      rmSync(path);
      symlinkSync(outside, path);
      await keep(cache, 'b');
      expect(await cache.read('b')).toEqual(module());
      expect(await cache.read('a')).toBeUndefined();
      expect(statSync(outside)).toMatchObject({ size: 50_000, mtimeMs: 1_000_000 });
    },
  );

  it('that is gone is a warning, once, and nothing worse', async () => {
    const { cache, warnings, directory } = await open();
    rmSync(directory, { recursive: true });
    await keep(cache, 'a');
    await keep(cache, 'b');
    expect(await cache.read('a')).toBeUndefined();
    expect(warnings).toEqual([
      expect.stringMatching(/cannot be used: it does not exist\. Modules are rewritten/),
    ]);
  });

  it('where one entry cannot be written is a warning, once, and leaves nothing half-written', async () => {
    const { cache, warnings, directory } = await open();
    await keep(cache, 'a');
    const path = fileIn(directory);
    rmSync(path);
    mkdirSync(join(path, 'full'), { recursive: true });
    await keep(cache, 'a');
    await keep(cache, 'a');
    expect(warnings).toEqual([
      expect.stringContaining(`The cache directory ${directory} cannot be written to`),
    ]);
    expect(readdirSync(directory)).toHaveLength(1);
    expect(cache.stats.writes).toBe(1);
  });

  it.skipIf(process.platform !== 'linux')('that cannot be made is a warning, and nothing worse', async () => {
    // Making a folder there fails for root, too; Node's own recursive mkdir never ends over it.
    const { cache, warnings } = await open('/proc/no/cordon');
    expect(warnings).toHaveLength(1);
    await keep(cache, 'a');
    expect(await cache.read('a')).toBeUndefined();
    expect(cache.stats.writes).toBe(0);
  });

  it.skipIf(onWindows || process.getuid!() === 0)(
    'without the right to write is a warning, once',
    async () => {
      const { cache, warnings, directory } = await open();
      chmodSync(directory, 0o500);
      await keep(cache, 'a');
      await keep(cache, 'b');
      chmodSync(directory, 0o700);
      expect(warnings).toEqual([expect.stringContaining('cannot be written to: the permission is missing')]);
      expect(readdirSync(directory)).toEqual([]);
    },
  );
});
