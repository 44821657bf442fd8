import { readdir, readFile } from 'node:fs/promises';
import { satisfies } from 'semver';
import { describe, expect, it } from 'vitest';
import { parseManifestJson } from '../../src/manifest/parse-manifest.js';

const examples = new URL('../../guest-examples/', import.meta.url);
const text = (path: string) => readFile(new URL(path, examples), 'utf8');
const entries = await readdir(examples, { withFileTypes: true });
const names = entries
  .filter((entry) => entry.isDirectory() && !entry.name.endsWith('-bindings'))
  .map((entry) => entry.name);

const ABI = new Set(['extism:host/env', 'extism:host/user', 'wasi_snapshot_preview1']);
/** What the host calls by itself. */
const HOOKS = new Set(['on_activate', 'on_deactivate', 'migrate']);
/** What Rust and Go export besides: how an instance starts. */
const START = new Set(['_initialize', '_start']);

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
  it.each(names)('%s has a manifest that fits its module', async (name) => {
    const manifest = await manifestOf(name);
    expect(manifest.name).toBe(`@acme/${name}`);
    expect(manifest.wasm).toEqual([expect.objectContaining({ path: `${name}.wasm` })]);
    const functions = WebAssembly.Module.exports(await moduleOf(name)).filter(
      ({ kind }) => kind === 'function',
    );
    const made = functions.map((one) => one.name).filter((one) => !START.has(one) && !HOOKS.has(one));
    expect(Object.keys(manifest.exports).sort()).toEqual(made.sort());
  });

  it.each(names)('%s imports only what Extism gives, and asks for what it imports', async (name) => {
    const manifest = await manifestOf(name);
    const imports = WebAssembly.Module.imports(await moduleOf(name));
    expect(imports.filter((one) => !ABI.has(one.module))).toEqual([]);
    const host = imports.filter((one) => one.module === 'extism:host/user').map((one) => one.name);
    const asked = manifest.permissions.hostFunctions.map((one) => (typeof one === 'string' ? one : one.name));
    const calls = Object.keys(manifest.dependencies).length + manifest.permissions.plugins.length > 0;
    expect(host.sort()).toEqual([...asked, ...(calls ? ['plugin_call'] : [])].sort());
    if (manifest.permissions.http.length > 0)
      expect(imports.map((one) => one.name)).toContain('http_request');
  });

  it('are all in the table of the README, each with a README and tests of its own', async () => {
    const [, table] = /\n(\| what it shows [\s\S]*?)\n\n/.exec(await text('README.md'))!;
    for (const name of names) {
      expect(table).toContain(`[${name}](${name}/README.md)`);
      expect(await text(`${name}/README.md`)).toContain(`# ${name}\n`);
      expect(await text(`${name}/test.js`)).toContain("from 'node:test'");
    }
  });

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
    expect(readme).toMatch(/npm install && npm run build|npm run build/);
  });
});
