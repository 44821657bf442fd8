import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { type CatalogEntry, sourcesOf } from '../../src/catalog/locator.js';
import { MemorySource } from '../../src/catalog/memory-source.js';
import { tree } from './plugin-tree.js';

const options = (baseDirectory: string) => ({ baseDirectory });

test('plugins in memory that follow each other are one source', async () => {
  const plugin = (name: string) => ({
    manifest: { manifestVersion: 1, name, version: '1.0.0' },
    wasm: new Uint8Array(1),
  });
  const sources = await sourcesOf([plugin('a'), plugin('b'), './x', plugin('c')], options('/'));
  expect(sources.map((source) => source.id)).toEqual(['memory', 'directory ./x', 'memory']);
  expect(await sources[0]!.names!()).toEqual(['a', 'b']);
});

test('entries become sources in order, sources stay themselves', async () => {
  const root = await tree({ 'plugins/a/plugin.json': { name: 'a', version: '1.0.0' } });
  const own = new MemorySource([]);
  const sources = await sourcesOf(['./plugins', 'npm:@acme/x', own], options(root));
  expect(sources.map((source) => source.id)).toEqual(['directory ./plugins', 'npm:@acme/x', 'memory']);
  expect(sources[2]).toBe(own);
  expect(await sources[0]!.names!()).toEqual(['a']);
});

test.each<(root: string) => CatalogEntry>([
  (root) => join(root, 'a'),
  (root) => join(root, 'a/plugin.json'),
  () => 'a/plugin.json',
  (root) => pathToFileURL(join(root, 'a')),
  (root) => pathToFileURL(join(root, 'a/plugin.json')).href,
])('a plugin is found by its folder, its plugin.json, a relative path, a file URL (%#)', async (entry) => {
  const root = await tree({ 'a/plugin.json': { name: 'a', version: '1.0.0' } });
  const [source] = await sourcesOf([entry(root)], options(root));
  expect(await source!.names!()).toEqual(['a']);
});

test.each([[''], ['  '], ['https://example.com/x'], ['oci:x'], [null], [7], [{}], [{ id: 'x' }], ['a\0b']])(
  '%j is ERR_OPTIONS',
  async (entry) => {
    await expect(sourcesOf([entry as string], options('/'))).rejects.toMatchObject({ code: 'ERR_OPTIONS' });
  },
);
