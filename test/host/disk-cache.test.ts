import { execFile } from 'node:child_process';
import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { DiskCache } from '../../src/cache/disk-cache.js';
import { guest } from '../fixtures/guests/guest.js';
import { ECHO } from '../fixtures/guests/guests.js';
import { wat } from '../wasm/wat.js';
import { collect, openHost, plugin, recorder, rejection } from './open-host.js';
import { temporaryFolder } from './plugin-folder.js';

const echo = guest(() => ECHO);

const entries = (directory: string) => readdirSync(directory).map((name) => join(directory, name));

/** The key in the header of an entry. */
function keyOf(path: string): string {
  const bytes = readFileSync(path);
  return JSON.parse(bytes.subarray(44, 44 + bytes.readUInt32LE(40)).toString()).key;
}

/** Loads the plugin in a host of its own, calls it, and closes the host. */
async function life(directory: string, more: Parameters<typeof openHost>[0] = {}) {
  const host = await openHost({ ...more, cache: { directory } });
  const warnings = collect(host, 'warning');
  const loaded = await host.load(plugin('a', echo));
  expect((await loaded.call('echo', 'hi')).text()).toBe('hi');
  await host.close();
  return { ...host.stats(), warnings };
}

describe('cache.directory', () => {
  it('keeps rewritten modules from one life of a host to the next', async () => {
    const directory = join(temporaryFolder(), 'cache');
    expect((await life(directory)).diskCache).toEqual({
      hits: 0,
      misses: 1,
      writes: 1,
      damaged: 0,
      evicted: 0,
    });
    const again = await life(directory);
    expect(again.diskCache).toEqual({ hits: 1, misses: 0, writes: 0, damaged: 0, evicted: 0 });
    // The cache in memory is another one: the module had to be compiled.
    expect(again.cache).toMatchObject({ hits: 0, misses: 1 });
    expect(again.warnings).toEqual([]);
  });

  it.skipIf(process.platform === 'win32')('serves plugins that run in a process of their own', async () => {
    const directory = temporaryFolder();
    const isolation = 'process';
    expect((await life(directory, { isolation })).diskCache).toMatchObject({ misses: 1, writes: 1 });
    expect((await life(directory, { isolation })).diskCache).toMatchObject({ hits: 1, damaged: 0 });
    const [path] = entries(directory);
    const cache = await DiskCache.open({ directory, maxBytes: 1e6 });
    cache.write(keyOf(path!), { facts: { startExports: {} }, bytes: Uint8Array.of(1, 2, 3) });
    await cache.flush();
    expect((await life(directory, { isolation })).diskCache).toMatchObject({ damaged: 1, writes: 1 });
  });

  it('has an entry for each way in which a module is rewritten', async () => {
    const directory = temporaryFolder();
    await life(directory);
    expect((await life(directory, { limits: { memoryBytes: '1MiB' } })).diskCache.hits).toBe(0);
    expect((await life(directory, { metering: false })).diskCache.hits).toBe(0);
    expect(entries(directory)).toHaveLength(3);
    const metered = await life(directory, { limits: { fuel: 1_000_000 } });
    expect(metered.diskCache.hits).toBe(1);
    expect(metered.fuel).toBeGreaterThan(0);
  });

  it('makes a damaged entry anew, and tells', async () => {
    const directory = temporaryFolder();
    await life(directory);
    const [path] = entries(directory);
    const bytes = readFileSync(path!);
    bytes[bytes.length - 5]! ^= 0xff;
    writeFileSync(path!, bytes);
    const { diskCache, warnings } = await life(directory);
    expect(diskCache).toMatchObject({ hits: 0, damaged: 1, writes: 1 });
    expect(warnings).toMatchObject([
      { topic: 'cache', message: /damaged, and dropped: its digest is another/ },
    ]);
    expect((await life(directory)).diskCache.hits).toBe(1);
  });

  it.each<[string, unknown, Uint8Array]>([
    ['no module', { startExports: {} }, Uint8Array.of(1, 2, 3)],
    ['facts of another form', { startExports: 'x' }, echo],
    ['no facts', null, echo],
  ])('takes no entry that is whole and holds %s', async (_, facts, bytes) => {
    const directory = temporaryFolder();
    await life(directory);
    const cache = await DiskCache.open({ directory, maxBytes: 1e6 });
    cache.write(keyOf(entries(directory)[0]!), { facts, bytes: new Uint8Array(bytes) });
    await cache.flush();
    const { diskCache } = await life(directory);
    expect(diskCache).toMatchObject({ damaged: 1, writes: 1 });
  });

  it('saves no check: features, limits and the original itself are looked at each time', async () => {
    const directory = temporaryFolder();
    const simd = wat(
      '(module (memory (export "memory") 2) (func (export "f") (drop (v128.const i64x2 0 0))))',
    );
    const cache = { directory };
    const free = await openHost({ cache });
    await free.load(plugin('a', simd));
    await free.close();
    const strict = await openHost({ cache, validation: { features: [] } });
    expect((await rejection(strict.load(plugin('a', simd)))).code).toBe('ERR_FEATURE');
    const small = await openHost({ cache, limits: { memoryBytes: 65_536 } });
    expect((await rejection(small.load(plugin('a', simd)))).code).toBe('ERR_MEMORY');
    const digest = await openHost({ cache });
    const integrity = `sha256-${'A'.repeat(43)}=`;
    const pinned = plugin('a', simd, { wasm: { integrity } } as never);
    expect((await rejection(digest.load(pinned))).code).toBe('ERR_INTEGRITY');
  });

  it('is kept within cache.maxDirectoryBytes', async () => {
    const directory = temporaryFolder();
    const host = await openHost({ cache: { directory, maxDirectoryBytes: 2000 } });
    for (const name of ['a', 'b', 'c', 'd']) {
      await host.load(
        plugin(
          name,
          guest(() => `${ECHO} (func (export "${name}"))`),
        ),
      );
    }
    await host.close();
    const { diskCache } = host.stats();
    expect(diskCache.writes).toBeGreaterThan(0);
    expect(diskCache.writes - diskCache.evicted).toBe(entries(directory).length);
    const sizes = entries(directory).map((path) => readFileSync(path).length);
    expect(sizes.reduce((a, b) => a + b, 0)).toBeLessThanOrEqual(2000);
  });

  it('is in the metrics', async () => {
    const directory = temporaryFolder();
    await life(directory);
    const host = await openHost({ cache: { directory } });
    await host.load(plugin('a', echo));
    expect(host.metrics()).toContain('\ncordon_disk_cache_hits_total 1\n');
    expect(host.metrics()).toContain('\ncordon_disk_cache_damaged_total 0\n');
  });

  it.skipIf(process.platform !== 'linux')(
    'that cannot be made is a warning in the log, and plugins load without it',
    async () => {
      const directory = '/proc/no/cordon';
      const logger = recorder();
      const host = await openHost({ cache: { directory }, logger });
      await host.load(plugin('a', echo));
      await host.close();
      expect(logger.lines.filter(({ level }) => level === 'warn').length).toBeGreaterThan(0);
      expect(host.stats().diskCache).toMatchObject({ hits: 0, writes: 0 });
    },
  );

  it.skipIf(process.platform === 'win32')('that others may write to is refused', async () => {
    const directory = temporaryFolder();
    chmodSync(directory, 0o777);
    const error = await rejection(openHost({ cache: { directory } }));
    expect(error.code).toBe('ERR_OPTIONS');
    expect(error.message).toContain('use a directory of its own, with mode 700');
  });

  it('serves two processes at once', async () => {
    const directory = temporaryFolder();
    const file = join(temporaryFolder(), 'a.wasm');
    writeFileSync(file, echo);
    const built = new URL('../../dist/host-sdk/index.js', import.meta.url).href;
    const program = `
      import { createHost } from ${JSON.stringify(built)};
      const warnings = [];
      for (let life = 0; life < 5; life++) {
        const host = await createHost({ cache: { directory: ${JSON.stringify(directory)}, maxBytes: 0 }, threads: { min: 0 } });
        host.on('warning', ({ message }) => warnings.push(message));
        for (let turn = 0; turn < 4; turn++) {
          const plugin = await host.load(${JSON.stringify(file)});
          if ((await plugin.call('echo', 'hi')).text() !== 'hi') throw new Error('another output');
          await host.unload('a');
        }
        await host.close();
      }
      console.log(JSON.stringify(warnings));`;
    const run = () => promisify(execFile)(process.execPath, ['--input-type=module', '-e', program]);
    const ended = await Promise.all([run(), run()]);
    expect(ended.map(({ stdout }) => stdout)).toEqual(['[]\n', '[]\n']);
    expect(entries(directory)).toHaveLength(1);
  });
});
