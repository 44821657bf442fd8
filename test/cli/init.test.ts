import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { TEMPLATES } from '../../host-sdk/cli/init/templates.js';
import { parseManifestJson } from '../../src/manifest/parse-manifest.js';
import { temporaryFolder } from '../host/plugin-folder.js';
import { typed } from './in-process.js';
import { cordon } from './run.js';

/** That they build and pass their tests is what .ci/templates-check.sh holds. */
describe('cordon init', () => {
  it.each(Object.keys(TEMPLATES))('begins a plugin in %s, with all that belongs to it', async (template) => {
    const folder = temporaryFolder();
    const argv = ['init', folder, '--name', '@acme/my.plugin-2', '--template', template, '--json'];
    const { code, out } = await typed(argv, '');
    expect(code).toBe(0);
    const { files } = JSON.parse(out) as { files: string[] };
    const usual = ['.gitignore', 'README.md', 'package.json', 'plugin.json', 'test/plugin.test.js'];
    expect(files).toEqual(expect.arrayContaining([...usual, TEMPLATES[template]!.source]));
    for (const file of files) expect(readFileSync(join(folder, file), 'utf8'), file).not.toContain('{{');
    const manifest = parseManifestJson(readFileSync(join(folder, 'plugin.json'), 'utf8'));
    expect(manifest).toMatchObject({ name: '@acme/my.plugin-2', wasm: [{ path: 'my.plugin-2.wasm' }] });
    const { scripts } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    expect(Object.keys(scripts).sort()).toEqual(['build', 'check', 'dev', 'test']);
  });

  it('brings the bindings of AssemblyScript as the examples have them', () => {
    const of = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
    expect(of('host-sdk/cli/templates/assemblyscript/assembly/extism.ts.tpl')).toBe(
      of('guest-examples/assemblyscript-bindings/assembly/extism.ts'),
    );
  });

  it('asks a person until the answers are possible', async () => {
    const folder = join(temporaryFolder(), 'My Plugin');
    const { code, out, err } = await typed(['init', folder], 'No Name\n\ncobol\nwat\n');
    expect(code).toBe(0);
    expect(err).toMatch(/^Name of the plugin \(my-plugin\) "No Name" is no name/);
    expect(err).toContain('"cobol" is no template');
    expect(out).toMatch(/^my-plugin is begun in WebAssembly text: /);
    expect(existsSync(join(folder, 'plugin.wat'))).toBe(true);
  });

  it('takes what is left of the questions for no answer', async () => {
    const folder = join(temporaryFolder(), 'a');
    const { code, err } = await typed(['init', folder], '\n');
    expect(code).toBe(2);
    expect(err).toContain('no answer was given');
    expect(existsSync(folder)).toBe(false);
  });

  it('overwrites nothing', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'README.md'), 'mine');
    const { code, err } = await typed(['init', folder, '--yes', '--name', 'a'], '');
    expect(code).toBe(2);
    expect(err).toMatch(/README\.md is there already; nothing was written\n$/);
    expect(existsSync(join(folder, 'plugin.json'))).toBe(false);
  });

  it.each([
    [[], /init asks on a terminal only: add --template <language>, or --yes/],
    [['--template', 'typescript'], /no template for TypeScript yet/],
    [['--template', 'rsut'], /"rsut" is no template; did you mean rust\?/],
    [['--yes', '--name', '../x'], /"\.\.\/x" is no name of a plugin/],
  ])('%j is a wrong command line', async (argv, said) => {
    const { code, stdout, stderr } = await cordon(['init', 'x', ...argv], temporaryFolder());
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(said);
  });
});
