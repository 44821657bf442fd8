import { expect, test } from 'vitest';
import { MemorySource } from '../../src/catalog/memory-source.js';

const bytes = Buffer.from('module');
const plugin = (name: string, version: string, more: object = {}) => ({
  manifest: { manifestVersion: 1, name, version, ...more },
  wasm: bytes,
});

test('plugins in memory are found by name with all their versions', async () => {
  const source = new MemorySource([plugin('a', '1.0.0'), plugin('a', '2.0.0'), plugin('b', '1.0.0')], {});
  expect((await source.candidates('a')).map((one) => one.manifest.version)).toEqual(['1.0.0', '2.0.0']);
  expect(await source.names()).toEqual(['a', 'b']);
  expect(await source.candidates('c')).toEqual([]);
});

test('a manifest in memory is normalised by the parser', async () => {
  const [candidate] = await new MemorySource([plugin('a', '1.0.0')]).candidates('a');
  expect(candidate!.manifest.dependencies).toEqual({});
});

test('each reading gives the caller bytes of its own', async () => {
  const [candidate] = await new MemorySource([plugin('a', '1.0.0')]).candidates('a');
  const first = await candidate!.read({ name: 'main' }, { maxBytes: 6 });
  first.fill(0);
  const second = await candidate!.read({ name: 'main' }, { maxBytes: 6 });
  expect(Buffer.from(second.buffer).toString()).toBe('module');
});

test('the size cap holds in memory too', async () => {
  const [candidate] = await new MemorySource([plugin('a', '1.0.0')]).candidates('a');
  await expect(candidate!.read({ name: 'main' }, { maxBytes: 5 })).rejects.toMatchObject({
    code: 'ERR_MODULE_TOO_LARGE',
    details: { limit: 5, observed: 6 },
  });
});

test('several modules are read by their names', async () => {
  const source = new MemorySource([
    {
      manifest: { manifestVersion: 1, name: 'a', version: '1.0.0' },
      wasm: { main: bytes, lib: new ArrayBuffer(3) },
    },
  ]);
  const [candidate] = await source.candidates('a');
  expect(await candidate!.read({ name: 'lib' }, { maxBytes: 10 })).toHaveLength(3);
  await expect(candidate!.read({ name: 'other' }, { maxBytes: 10 })).rejects.toMatchObject({
    code: 'ERR_MANIFEST',
    message: expect.stringContaining('"main", "lib"'),
  });
});

test('what is broken is reported and hides nothing', async () => {
  const broken: unknown[] = [
    undefined,
    null,
    {},
    { manifest: null, wasm: bytes },
    { manifest: { name: 'x' }, wasm: bytes },
    { manifest: { manifestVersion: 1, name: 'y', version: '1.0.0' } },
    { manifest: { manifestVersion: 1, name: 'z', version: '1.0.0' }, wasm: { main: 'text' } },
    { manifest: { manifestVersion: 1, name: 'w', version: '1.0.0' }, wasm: 'text' },
  ];
  const source = new MemorySource([...(broken as never[]), plugin('a', '1.0.0'), plugin('a', '1.0.0')], {});
  expect(await source.names()).toEqual(['a']);
  const told = await source.broken();
  expect(told).toHaveLength(broken.length + 1);
  for (const one of told) expect(one.error).toMatchObject({ code: 'ERR_MANIFEST' });
  expect(told.map((one) => one.name)).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
    'x',
    'y',
    'z',
    'w',
    'a',
  ]);
});
