import { join } from 'node:path';
import { expect, test } from 'vitest';
import { NpmSource } from '../../src/catalog/npm-source.js';
import { tree } from './plugin-tree.js';

test('an installed package is found from a folder below, also where its exports hide its files', async () => {
  const root = await tree({
    'node_modules/@acme/plugin/package.json': { name: '@acme/plugin', exports: { '.': './index.js' } },
    'node_modules/@acme/plugin/plugin.json': { name: '@acme/markdown', version: '1.0.0', wasm: 'a.wasm' },
    'node_modules/@acme/plugin/a.wasm': 'module',
    'app/src/x': '',
  });
  const source = new NpmSource('@acme/plugin', { baseDirectory: join(root, 'app/src') });
  expect(source.id).toBe('npm:@acme/plugin');
  expect(await source.names()).toEqual(['@acme/markdown']);
  const [candidate] = await source.candidates('@acme/markdown');
  expect(await candidate!.read(candidate!.manifest.wasm[0]!, { maxBytes: 10 })).toHaveLength(6);
  expect(await source.broken()).toEqual([]);
});

test('a package that is not installed is ERR_NOT_FOUND with the folders searched', async () => {
  const root = await tree({});
  const source = new NpmSource('not-installed', { baseDirectory: root });
  await expect(source.candidates('a')).rejects.toMatchObject({
    code: 'ERR_NOT_FOUND',
    message: expect.stringContaining(root),
    details: { package: 'not-installed', searched: expect.arrayContaining([join(root, 'node_modules')]) },
  });
});

test('a package without a plugin.json is broken', async () => {
  const root = await tree({ 'node_modules/plain/package.json': { name: 'plain' } });
  const source = new NpmSource('plain', { baseDirectory: root });
  expect(await source.names()).toEqual([]);
  expect(await source.broken()).toMatchObject([{ name: 'plain', error: { code: 'ERR_MANIFEST' } }]);
});

test.each(['', '..', '../x', 'a/b', '/etc', '@acme', '@acme/../x', 'A', '.hidden', 'x\0'])(
  'npm:%j is ERR_OPTIONS',
  (name) => {
    expect(() => new NpmSource(name, { baseDirectory: '/' })).toThrow(
      expect.objectContaining({ code: 'ERR_OPTIONS' }),
    );
  },
);
