import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { DirectorySource } from '../../src/catalog/directory-source.js';
import { readFolderModule } from '../../src/catalog/read-module.js';
import { tree } from './plugin-tree.js';

const versions = async (source: DirectorySource, name: string): Promise<string[]> =>
  (await source.candidates(name)).map((one) => one.manifest.version).sort();

describe('a directory', () => {
  test('that has a plugin.json itself is one plugin, and its subfolders are its own', async () => {
    const root = await tree({
      'plugin.json': { name: 'a', version: '1.0.0', wasm: 'a.wasm' },
      'vendor/plugin.json': { name: 'b', version: '1.0.0' },
    });
    expect(await new DirectorySource(root).names()).toEqual(['a']);
  });

  test('is searched one and two levels deep, and no deeper', async () => {
    const root = await tree({
      'a/plugin.json': { name: 'a', version: '1.0.0' },
      '@acme/b/plugin.json': { name: '@acme/b', version: '1.0.0' },
      'x/y/z/plugin.json': { name: 'z', version: '1.0.0' },
      '.hidden/plugin.json': { name: 'hidden', version: '1.0.0' },
      'node_modules/n/plugin.json': { name: 'n', version: '1.0.0' },
    });
    expect(await new DirectorySource(root).names()).toEqual(['@acme/b', 'a']);
  });

  test('holds several versions of one plugin side by side', async () => {
    const root = await tree({
      'markdown-1.2.0/plugin.json': { name: 'markdown', version: '1.2.0' },
      'markdown-2.0.0/plugin.json': { name: 'markdown', version: '2.0.0' },
    });
    expect(await versions(new DirectorySource(root), 'markdown')).toEqual(['1.2.0', '2.0.0']);
  });

  test('with one version twice uses the first and reports the second', async () => {
    const root = await tree({
      'b/plugin.json': { name: 'a', version: '1.0.0' },
      'a/plugin.json': { name: 'a', version: '1.0.0' },
    });
    const source = new DirectorySource(root);
    expect((await source.candidates('a')).map((one) => one.origin)).toEqual([join(root, 'a/plugin.json')]);
    expect(await source.broken()).toMatchObject([
      { origin: join(root, 'b/plugin.json'), name: 'a', error: { code: 'ERR_MANIFEST' } },
    ]);
  });

  test('that does not exist is ERR_OPTIONS with its path, and is found once it was made', async () => {
    const root = join(await tree({}), 'later');
    const source = new DirectorySource(root);
    await expect(source.candidates('a')).rejects.toMatchObject({
      code: 'ERR_OPTIONS',
      message: expect.stringContaining(root),
    });
    await mkdir(root);
    expect(await source.candidates('a')).toEqual([]);
  });

  test('is read once, and again after refresh', async () => {
    const root = await tree({ 'a/plugin.json': { name: 'a', version: '1.0.0' } });
    const source = new DirectorySource(root);
    expect(await versions(source, 'a')).toEqual(['1.0.0']);
    await writeFile(
      join(root, 'a/plugin.json'),
      JSON.stringify({ manifestVersion: 1, name: 'a', version: '1.1.0', wasm: 'a.wasm' }),
    );
    expect(await versions(source, 'a')).toEqual(['1.0.0']);
    source.refresh();
    expect(await versions(source, 'a')).toEqual(['1.1.0']);
  });

  test('lists the plugins that provide a virtual name', async () => {
    const root = await tree({
      'a/plugin.json': { name: 'a', version: '1.0.0', provides: { renderer: '1.0.0' } },
      'b/plugin.json': { name: 'b', version: '1.0.0' },
    });
    expect(await new DirectorySource(root).providers('renderer')).toEqual(['a']);
  });

  test.runIf(process.platform !== 'win32')('follows a symbolic link to a plugin’s folder', async () => {
    const elsewhere = await tree({
      'plugin.json': { name: 'a', version: '1.0.0', wasm: 'a.wasm' },
      'a.wasm': 'module',
    });
    const root = await tree({});
    await symlink(elsewhere, join(root, 'linked'));
    const [candidate] = await new DirectorySource(root).candidates('a');
    const bytes = await candidate!.read(candidate!.manifest.wasm[0]!, { maxBytes: 10 });
    expect(Buffer.from(bytes).toString()).toBe('module');
  });

  test('whose reading is aborted by its only caller answers the next one', async () => {
    const root = await tree({ 'a/plugin.json': { name: 'a', version: '1.0.0' } });
    const source = new DirectorySource(root);
    const controller = new AbortController();
    const first = source.candidates('a', { signal: controller.signal });
    controller.abort();
    await expect(first).rejects.toMatchObject({ code: 'ERR_ABORTED' });
    expect(await versions(source, 'a')).toEqual(['1.0.0']);
  });
});

describe('a broken plugin', () => {
  test.each<[string, Record<string, string | Uint8Array | object>, string]>([
    ['with bad JSON', { 'broken-1.0.0/plugin.json': '{' }, 'broken'],
    ['with bad JSON that has a name', { 'x/plugin.json': '{ "name": "broken", }' }, 'broken'],
    ['with a bad manifest', { 'x/plugin.json': { name: 'broken' } }, 'broken'],
    ['that is not UTF-8', { 'broken/plugin.json': new Uint8Array([0x7b, 0xff, 0xfe]) }, 'broken'],
    ['that is too large', { 'broken/plugin.json': ' '.repeat(1024 * 1024 + 1) }, 'broken'],
    ['whose plugin.json is a folder', { 'broken/plugin.json/x': '' }, 'broken'],
    ['of a scope', { '@acme/broken/plugin.json': '{' }, '@acme/broken'],
  ])('%s never hides the others and is reported', async (_, files, name) => {
    const root = await tree({ ...files, 'good/plugin.json': { name: 'good', version: '1.0.0' } });
    const source = new DirectorySource(root);
    expect(await source.names()).toEqual(['good']);
    expect(await source.broken()).toMatchObject([
      { name, source: source.id, error: { code: 'ERR_MANIFEST' } },
    ]);
  });

  test('accepts a byte order mark', async () => {
    const root = await tree({
      'a/plugin.json': '\ufeff{"manifestVersion":1,"name":"a","version":"1.0.0","wasm":"a.wasm"}',
    });
    expect(await new DirectorySource(root).names()).toEqual(['a']);
  });
});

describe('the module of a plugin in a directory', () => {
  const read = async (root: string, maxBytes = 100) => {
    const [candidate] = await new DirectorySource(root).candidates('a');
    return candidate!.read(candidate!.manifest.wasm[0] ?? { name: 'main' }, { maxBytes });
  };

  test('is read up to the cap', async () => {
    const root = await tree({
      'a/plugin.json': { name: 'a', version: '1.0.0', wasm: 'dist/a.wasm' },
      'a/dist/a.wasm': 'x'.repeat(50),
    });
    expect(await read(root, 50)).toHaveLength(50);
    await expect(read(root, 49)).rejects.toMatchObject({
      code: 'ERR_MODULE_TOO_LARGE',
      plugin: 'a',
      details: { limit: 49, observed: 50, file: 'dist/a.wasm' },
    });
  });

  test.each(['../outside.wasm', '../a/../outside.wasm', '/etc/hostname', 'b.wasm\0.txt', '.', ''])(
    'at %j is ERR_MANIFEST, whoever let it through',
    async (path) => {
      const root = await tree({ 'a/x': '', 'outside.wasm': 'secret' });
      const item = { name: 'main', path };
      await expect(
        readFolderModule(join(root, 'a'), { name: 'a', version: '1.0.0' }, item, { maxBytes: 9 }, undefined),
      ).rejects.toMatchObject({ code: 'ERR_MANIFEST', plugin: 'a' });
    },
  );

  test('that is missing is ERR_MANIFEST with path and reason', async () => {
    const root = await tree({ 'a/plugin.json': { name: 'a', version: '1.0.0', wasm: 'a.wasm' } });
    await expect(read(root)).rejects.toMatchObject({
      code: 'ERR_MANIFEST',
      message: expect.stringMatching(/a\.wasm of plugin a@1\.0\.0 .*it does not exist/),
    });
  });

  test.runIf(process.platform !== 'win32')('may be a link inside the folder, and not out of it', async () => {
    const root = await tree({
      'a/plugin.json': { name: 'a', version: '1.0.0', wasm: 'link.wasm' },
      'a/real.wasm': 'inside',
      'secret.wasm': 'outside',
    });
    await symlink(join(root, 'a/real.wasm'), join(root, 'a/link.wasm'));
    expect(Buffer.from(await read(root)).toString()).toBe('inside');
    await rm(join(root, 'a/link.wasm'));
    await symlink(join(root, 'secret.wasm'), join(root, 'a/link.wasm'));
    await expect(read(root)).rejects.toMatchObject({
      code: 'ERR_MANIFEST',
      message: expect.stringContaining('leads out of the plugin’s folder'),
    });
  });

  test.runIf(process.platform !== 'win32')(
    'is not reached by a link to a folder whose name begins like the plugin’s',
    async () => {
      const root = await tree({
        'a/plugin.json': { name: 'a', version: '1.0.0', wasm: 'd/x.wasm' },
        'ab/x.wasm': 'neighbour',
      });
      await symlink(join(root, 'ab'), join(root, 'a/d'));
      await expect(read(root)).rejects.toMatchObject({ code: 'ERR_MANIFEST' });
    },
  );

  test.runIf(process.platform !== 'win32')(
    'is no plugin where plugin.json leads out of the folder',
    async () => {
      const root = await tree({ 'secret.json': '{"name":"a","version":"1.0.0"}', 'a/x': '' });
      await symlink(join(root, 'secret.json'), join(root, 'a/plugin.json'));
      const source = new DirectorySource(root);
      expect(await source.candidates('a')).toEqual([]);
      expect(await source.broken()).toMatchObject([{ name: 'a', error: { code: 'ERR_MANIFEST' } }]);
    },
  );

  test('behind a URL is fetched where the catalog can, and refused where it cannot', async () => {
    const wasm = [{ name: 'main', url: 'https://example.com/a.wasm' }];
    const root = await tree({ 'a/plugin.json': { name: 'a', version: '1.0.0', wasm } });
    await expect(read(root)).rejects.toMatchObject({ code: 'ERR_MANIFEST' });
    const fetchModule = async (url: string) => Buffer.from(url);
    const [candidate] = await new DirectorySource(root, { fetchModule }).candidates('a');
    const bytes = await candidate!.read(wasm[0]!, { maxBytes: 100 });
    expect(Buffer.from(bytes).toString()).toBe('https://example.com/a.wasm');
  });

  test('that no manifest names is ERR_MANIFEST', async () => {
    const item = { name: 'other' };
    await expect(
      readFolderModule('/', { name: 'a', version: '1.0.0' }, item, { maxBytes: 9 }, undefined),
    ).rejects.toThrow(/names no file for the module "other"/);
  });
});

describe('a bare module in a directory', () => {
  const embedded = {
    maxModuleBytes: 100,
    read: (module: Uint8Array): string | undefined => {
      const text = Buffer.from(module).toString();
      if (text === 'explodes') throw new RangeError('bad module');
      return text.startsWith('{') ? text : undefined;
    },
  };

  test('that carries a manifest is a plugin, others are left alone or reported', async () => {
    const root = await tree({
      'a.wasm': '{"manifestVersion":1,"name":"a","version":"1.0.0"}',
      'plain.wasm': 'no manifest',
      'explodes.wasm': 'explodes',
      'large.wasm': 'x'.repeat(101),
      'sub/b.wasm': '{"name":"b","version":"1.0.0"}',
    });
    const source = new DirectorySource(root, { embedded });
    expect(await source.names()).toEqual(['a']);
    expect((await source.broken()).map((one) => [one.name, one.error.name])).toEqual([
      ['explodes', 'ManifestError'],
      ['large', 'LimitError'],
    ]);
    const [candidate] = await source.candidates('a');
    expect(await candidate!.read({ name: 'main' }, { maxBytes: 100 })).toHaveLength(50);
    await expect(candidate!.read({ name: 'other' }, { maxBytes: 100 })).rejects.toMatchObject({
      code: 'ERR_MANIFEST',
    });
  });

  test('is not looked at where no reader is given', async () => {
    const root = await tree({ 'a.wasm': '{"name":"a","version":"1.0.0"}' });
    expect(await new DirectorySource(root).names()).toEqual([]);
  });
});
