import { expect, it } from 'vitest';
import { type CachedModule, ModuleCache } from '../../src/cache/module-cache.js';
import { wat } from '../wasm/wat.js';

const module = new WebAssembly.Module(wat('(module)') as Uint8Array<ArrayBuffer>);
const made = (byteLength: number): CachedModule<string> => ({ module, facts: 'f', byteLength });
const never = () => expect.fail('it was made again');

it('makes a module once, and counts', async () => {
  const cache = new ModuleCache<string>(100);
  expect(await cache.get('a', async () => made(10))).toMatchObject({ hit: false, facts: 'f' });
  expect(await cache.get('a', never)).toMatchObject({ hit: true, facts: 'f' });
  expect(cache.stats).toEqual({ hits: 1, misses: 1, entries: 1, bytes: 10 });
});

it('drops what was used longest ago to keep its limit', async () => {
  const cache = new ModuleCache<string>(30);
  for (const key of ['a', 'b', 'c']) await cache.get(key, async () => made(10));
  await cache.get('a', never);
  await cache.get('d', async () => made(10));
  expect(cache.stats).toMatchObject({ entries: 3, bytes: 30 });
  for (const key of ['a', 'c', 'd']) expect((await cache.get(key, never)).hit).toBe(true);
  expect((await cache.get('b', async () => made(25))).hit).toBe(false);
  expect(cache.stats).toEqual({ hits: 4, misses: 5, entries: 1, bytes: 25 });
});

it('keeps nothing that is larger than all of it, and nothing with 0', async () => {
  const cache = new ModuleCache<string>(30);
  await cache.get('a', async () => made(10));
  await cache.get('b', async () => made(31));
  expect(cache.stats).toMatchObject({ entries: 1, bytes: 10 });
  const none = new ModuleCache<string>(0);
  await none.get('a', async () => made(1));
  expect(none.stats).toEqual({ hits: 0, misses: 1, entries: 0, bytes: 0 });
});

it('makes one for two who ask at once; a failure is both’s and is not kept', async () => {
  const cache = new ModuleCache<string>(100);
  let times = 0;
  const fail = async () => {
    times++;
    throw new Error('no');
  };
  const both = await Promise.allSettled([cache.get('a', fail), cache.get('a', fail)]);
  expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(times).toBe(1);
  expect((await cache.get('a', async () => made(10))).hit).toBe(false);
});

it('is empty after clear', async () => {
  const cache = new ModuleCache<string>(100);
  await cache.get('a', async () => made(10));
  cache.clear();
  expect(cache.stats).toMatchObject({ entries: 0, bytes: 0 });
});
