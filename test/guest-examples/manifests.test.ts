import { readdir, readFile } from 'node:fs/promises';
import { satisfies } from 'semver';
import { describe, expect, it } from 'vitest';
import { parseManifestJson } from '../../src/manifest/parse-manifest.js';

const examples = new URL('../../guest-examples/', import.meta.url);
const text = (path: string) => readFile(new URL(path, examples), 'utf8');
const entries = await readdir(examples, { withFileTypes: true });
const names = entries
  .filter((entry) => entry.isDirectory() && entry.name !== 'assemblyscript-bindings')
  .map((entry) => entry.name);

const ABI = new Set(['extism:host/env', 'extism:host/user']);

async function manifestOf(name: string) {
  return parseManifestJson(await text(`${name}/plugin.json`), {
    file: `${name}/plugin.json`,
    requireWasm: true,
  });
}

async function moduleOf(name: string): Promise<WebAssembly.Module> {
  return new WebAssembly.Module(await readFile(new URL(`${name}/${name}.wasm`, examples)));
}

describe('the examples', () => {
  it('are those that the issue asks for', () => {
    expect(names).toEqual(['count-vowels', 'highlight', 'link-preview', 'markdown', 'memory-hog', 'runaway']);
  });

  it.each(names)('%s has a manifest that fits its module', async (name) => {
    const manifest = await manifestOf(name);
    expect(manifest.name).toBe(`@acme/${name}`);
    expect(manifest.wasm).toEqual([expect.objectContaining({ path: `${name}.wasm` })]);
    const functions = WebAssembly.Module.exports(await moduleOf(name)).filter(
      ({ kind }) => kind === 'function',
    );
    expect(Object.keys(manifest.exports).sort()).toEqual(functions.map((one) => one.name).sort());
  });

  it.each(names)(
    '%s imports only what Extism gives, and plugin_call only with a dependency',
    async (name) => {
      const manifest = await manifestOf(name);
      const imports = WebAssembly.Module.imports(await moduleOf(name));
      expect(imports.filter((one) => !ABI.has(one.module))).toEqual([]);
      const host = imports.filter((one) => one.module === 'extism:host/user').map((one) => one.name);
      expect(host).toEqual(Object.keys(manifest.dependencies).length > 0 ? ['plugin_call'] : []);
      expect(imports.some((one) => one.name === 'http_request')).toBe(manifest.permissions.http.length > 0);
    },
  );

  it('markdown depends on a range that the highlight example is in', async () => {
    const { dependencies } = await manifestOf('markdown');
    expect(Object.keys(dependencies)).toEqual(['@acme/highlight']);
    expect(satisfies((await manifestOf('highlight')).version, dependencies['@acme/highlight'] ?? '')).toBe(
      true,
    );
  });

  it.each(names)('%s is in the table of README.md, and says how it is built', async (name) => {
    expect(await text('README.md')).toContain(`[${name}](${name}/README.md)`);
    const readme = await text(`${name}/README.md`);
    for (const fn of Object.keys((await manifestOf(name)).exports)) expect(readme).toContain(`\`${fn}\``);
    expect(readme).toContain('npm install && npm run build');
  });
});
