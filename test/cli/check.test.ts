import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkPlugin } from '../../host-sdk/cli/check/check-plugin.js';
import { fn, guest } from '../fixtures/guests/guest.js';
import { temporaryFolder, writePlugin } from '../host/plugin-folder.js';
import { concat, custom, wat } from '../wasm/wat.js';
import { cordon } from './run.js';

/** Imports nothing. */
const echo = wat('(module (func (export "echo") (result i32) (i32.const 0)))');

/** What a check finds in this plugin, as `line severity code message`. */
async function findings(wasm: Uint8Array, manifest: object = {}): Promise<string[]> {
  const folder = temporaryFolder();
  writePlugin(folder, wasm, { name: 'shout', ...manifest });
  const report = await checkPlugin(folder);
  return report.findings.map(({ line, severity, code = '-', message }) =>
    [line ?? 'module', severity, code, message].join(' '),
  );
}

const importing = (module: string, name: string, type = '(func)') =>
  wat(`(module (import "${module}" "${name}" ${type}) (func (export "f")))`);

describe('cordon check', () => {
  it('says what to give where there is no plugin', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'package.json'), '{}');
    expect(await cordon(['check', 'package.json'], folder)).toEqual({
      code: 2,
      stdout: '',
      stderr: 'cordon: package.json is not a folder, a plugin.json or a .wasm file\n',
    });
    expect((await cordon(['check'], folder)).stdout).toContain(
      `The file plugin.json cannot be read from ${folder}: it does not exist. A plugin is a folder with this file in it.`,
    );
  });

  it('prints each problem with its place, as compilers do, and ends with 1', async () => {
    const folder = temporaryFolder();
    writeFileSync(
      join(folder, 'plugin.json'),
      '{\n  "manifestVersion": 1,\n  "name": "Shout\\u001b[31m",\n  "version": "1.0",\n  "permision": {},\n  "wasm": "x.wasm"\n}\n',
    );
    const { code, stdout, stderr } = await cordon(['check'], folder);
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(stdout).toMatchInlineSnapshot(`
      "plugin.json:3:3: error ERR_MANIFEST: name: found "Shout\\u001b[31m", expected a plugin name by npm's rules, such as "markdown" or "@acme/markdown"
      plugin.json:4:3: error ERR_MANIFEST: version: found "1.0", expected a semver version such as "1.2.0"
      plugin.json:5:3: error ERR_MANIFEST: permision: found an unknown key, expected "permissions"
      3 errors, 0 warnings
      "
    `);
  });

  it('says that a plugin is in order', async () => {
    expect(await cordon(['check', 'count-vowels'])).toEqual({
      code: 0,
      stderr: '',
      stdout: '@acme/count-vowels@1.0.0 is in order (count-vowels/count-vowels.wasm, 11349 bytes)\n',
    });
  });

  it('ends with 1 for warnings only where it is strict, and prints JSON', async () => {
    const folder = temporaryFolder();
    writePlugin(folder, echo, { name: 'shout', permissions: { http: ['api.example.com'] } });
    expect((await cordon(['check', folder])).code).toBe(0);
    const { code, stdout } = await cordon(['check', '--strict', '--json', 'plugin.json'], folder);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      ok: false,
      errors: 0,
      warnings: 1,
      plugin: 'shout',
      modules: [{ name: 'main', bytes: echo.length }],
      findings: [
        { severity: 'warning', line: 7, column: 5, message: expect.stringContaining('HTTP is asked for') },
      ],
    });
  });

  it('finds exports that are described and are not there, with the nearest name, and the other way round', async () => {
    const wasm = guest(() => `${fn('echo', '')} ${fn('render', '')} (func (export "add") (param i32))`);
    expect(await findings(wasm, { exports: { rendr: {}, add: {} } })).toEqual([
      '6 warning - the module also exports "echo", "render", which any caller can call: describe it here, or do not export it',
      '7 error ERR_MANIFEST "rendr" is not among the functions of the module; did you mean "render"?',
      '8 error ERR_MANIFEST "add" takes 1 parameters and gives 0 results; a host calls functions without parameters and with at most one result',
    ]);
  });

  it('finds imports that nobody provides, and host functions that the manifest does not ask for', async () => {
    expect(await findings(importing('extism:host/env', 'input_lenght'))).toEqual([
      expect.stringMatching(/^module error ERR_IMPORT .*"input_lenght".*no such function/),
    ]);
    expect(await findings(importing('env', 'memory', '(memory 1)'))).toEqual([
      expect.stringMatching(/^module error ERR_IMPORT .*the memory "memory".*functions only/),
    ]);
    const kv = importing('extism:host/user', 'kv_read', '(func (param i64) (result i64))');
    expect(await findings(kv)).toEqual([
      expect.stringMatching(/^module error ERR_PERMISSION .*"kv_read".*add it to permissions\.hostFunctions/),
    ]);
    expect(await findings(kv, { permissions: { hostFunctions: ['kv_read'] } })).toEqual([]);
  });

  it('finds permissions that nothing uses and those that will be missed', async () => {
    const asked = {
      env: ['LANG'],
      fs: { read: { '/data': './data' } },
      hostFunctions: ['kv'],
      plugins: ['other'],
    };
    expect((await findings(echo, { permissions: asked })).map((one) => one.split(': ')[0])).toEqual([
      expect.stringContaining('Variables are asked for'),
      expect.stringContaining('Folders are asked for'),
      expect.stringContaining('the host function "kv" is asked for'),
      expect.stringContaining('Calls of plugins are asked for'),
    ]);
    const call = importing('extism:host/user', 'plugin_call', '(func (param i64 i64 i64) (result i64))');
    expect(await findings(call)).toEqual([expect.stringContaining('asks for none')]);
    expect(await findings(call, { dependencies: { other: '*' } })).toEqual([]);
  });

  it('finds what is wrong with a module: its bytes, digest, memory, features, place', async () => {
    expect(await findings(Buffer.from('hello'))).toEqual([
      expect.stringContaining('module error ERR_BYTECODE'),
    ]);
    const integrity = `sha256-${Buffer.alloc(32).toString('base64')}`;
    expect(await findings(echo, { wasm: { path: 'plugin.wasm', integrity } })).toEqual([
      expect.stringMatching(/^\d+ error ERR_INTEGRITY the file's digest is sha256-/),
    ]);
    const memory = wat('(module (memory 100) (func (export "f")))');
    expect(await findings(memory, { limits: { memoryBytes: '1MiB' } })).toEqual([
      expect.stringContaining('module error ERR_MEMORY'),
    ]);
    expect(await findings(wat('(module (memory 1 1 shared) (func (export "f")))'))).toEqual([
      expect.stringContaining('module error ERR_FEATURE'),
    ]);
    expect(await findings(echo, { wasm: '../plugin.wasm' })).toEqual([
      expect.stringContaining('error ERR_MANIFEST'),
    ]);
    expect(await findings(echo, { wasm: 'no.wasm' })).toEqual([
      expect.stringContaining('error ERR_MANIFEST'),
    ]);
    expect(await findings(echo, { engines: { cordon: '^9' } })).toEqual([
      expect.stringContaining('error ERR_ENGINE it needs cordon ^9'),
    ]);
    expect(await findings(echo, { signature: 's.json' })).toEqual([expect.stringContaining('cordon sign')]);
  });

  it('takes a bare module, with a manifest inside or without', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'bare.wasm');
    writeFileSync(file, echo);
    expect((await checkPlugin(file)).findings).toEqual([]);
    writeFileSync(file, concat(echo, custom('cordon.manifest', '{ "name": 7 }')));
    const { findings: found } = await checkPlugin(file);
    expect(found.map(({ code }) => code)).toContain('ERR_MANIFEST');
  });

  it('survives files that are hostile', async () => {
    const folder = temporaryFolder();
    for (const text of ['', '[]', '{"a":'.repeat(2000), 'x'.repeat(2_000_000), '\u0000']) {
      writeFileSync(join(folder, 'plugin.json'), text);
      const { findings: found } = await checkPlugin(folder);
      expect(found[0]).toMatchObject({ severity: 'error', code: 'ERR_MANIFEST' });
    }
  });
});

describe('cordon inspect', () => {
  it('prints what a module is, has and needs', async () => {
    const folder = temporaryFolder();
    const wasm = wat(`(module
      (import "extism:host/env" "http_request" (func (param i64 i64) (result i64)))
      (import "extism:host/user" "kv_read\u001b" (func (param i64) (result i64)))
      (memory (export "memory") 1 4)
      (func (export "_initialize"))
      (func (export "f") (result i32) (i32.const 0)))`);
    writeFileSync(join(folder, 'a.wasm'), wasm);
    const { code, stdout, stderr } = await cordon(['inspect', 'a.wasm'], folder);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatchInlineSnapshot(`
      "a.wasm  161 bytes, 2 functions
      Exports
        memory  memory 1..4  (not callable)
        _initialize  () -> ()  (not callable)
        f  () -> (i32)
      Imports
        extism:host/env  http_request  (i64, i64) -> (i64)
        extism:host/user  kv_read\\x1b  (i64) -> (i64)
      Memories
        64 KiB at first, at most 256 KiB
      Features  none
      Starts by itself
        _initialize
      Needs
        host function kv_read\\x1b  (permissions.hostFunctions)
        HTTP  (permissions.http, for the hosts that it calls)
      Metering
        possible; the module grows by 154 bytes (96 %)
      Sections
               62  import
               30  export
               21  type
               18  custom "name"
               11  code
                6  memory
                5  function
      "
    `);
  });

  it('prints the same as JSON, also for a plugin’s folder', async () => {
    const { stdout } = await cordon(['inspect', 'link-preview', '--json']);
    const { modules } = JSON.parse(stdout);
    expect(modules).toMatchObject([
      {
        name: 'main',
        file: 'link-preview.wasm',
        bytes: readFileSync(join('guest-examples', 'link-preview', 'link-preview.wasm')).length,
        needs: { hostFunctions: [], plugins: false, http: true },
        metering: { possible: true },
      },
    ]);
    expect(modules[0].sections[0].name).toBe('code');
  });

  it('ends with 1 for what is no module, and with 2 for what is not there', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'a.wasm'), 'hello');
    const { code, stderr } = await cordon(['inspect', 'a.wasm'], folder);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^cordon: ERR_BYTECODE: /);
    expect(await cordon(['inspect', 'b.wasm'], folder)).toEqual({
      code: 2,
      stdout: '',
      stderr: 'cordon: b.wasm is not there\n',
    });
  });
});

it('cordon check finds host functions that are described otherwise than they are imported', async () => {
  const kv = importing('extism:host/user', 'kv_read', '(func (param i64) (result i64))');
  const described = (imports: object) =>
    findings(kv, { permissions: { hostFunctions: ['kv_read'] }, imports });
  expect(await described({ kv_read: { params: ['text'], result: 'json' } })).toEqual([]);
  expect(await described({ kv_read: { params: ['text', 'i32'] } })).toEqual([
    expect.stringMatching(
      /^\d+ error ERR_IMPORT the host function "kv_read" is described as \(i64, i32\) -> \(\), and the module imports it as \(i64\) -> \(i64\)/,
    ),
  ]);
  expect(await described({ kv_write: {} })).toEqual([
    expect.stringMatching(
      /^\d+ warning - the host function "kv_write" is described, and no module imports it/,
    ),
  ]);
});

describe('cordon check --against', () => {
  const contract = (version: string, input: object, more: object = {}) => {
    const folder = temporaryFolder();
    writePlugin(folder, echo, { name: 'shout', version, exports: { echo: { input } }, ...more });
    return join(folder, 'plugin.json');
  };
  const narrow = { type: 'string', maxLength: 5 };
  const wide = { type: 'string' };
  const against = async (now: string, before: string, ...flags: string[]) =>
    cordon(['check', now, '--against', before, ...flags]);

  it('fails where a contract breaks and the version says otherwise, and says what to do', async () => {
    const { code, stdout } = await against(contract('1.1.0', narrow), contract('1.0.3', wide));
    expect(code).toBe(1);
    expect(stdout).toContain('breaking: the input of "echo": the new one takes less: maxLength is 5\n');
    expect(stdout).toMatch(
      /plugin\.json:3:3: error: its contract breaks those who use it since 1\.0\.3: make this at least 2\.0\.0, or take the changes back\n1 error, 0 warnings\n$/,
    );
  });

  it('is content where the version rose enough', async () => {
    const cases = [
      ['2.0.0', narrow, '1.0.3', wide, 0],
      ['2.0.0-rc.1', narrow, '1.0.3', wide, 0],
      ['1.1.0', wide, '1.0.3', narrow, 0],
      ['1.0.4', wide, '1.0.3', narrow, 1],
      ['1.0.3', wide, '1.0.3', wide, 0],
      ['0.2.0', narrow, '0.1.9', wide, 0],
      ['0.1.10', narrow, '0.1.9', wide, 1],
      ['0.1.10', wide, '0.1.9', narrow, 0],
    ] as const;
    for (const [version, input, earlier, before, expected] of cases) {
      const { code, stdout } = await against(contract(version, input), contract(earlier, before));
      expect(code, `${version} after ${earlier}: ${stdout}`).toBe(expected);
    }
  }, 60_000);

  it('compares host functions that the plugin calls, and prints all as JSON', async () => {
    const calls = (result: object) => ({ imports: { kv: { result: { type: 'json', schema: result } } } });
    const { code, stdout } = await against(
      contract('1.0.1', wide, calls({ type: 'object', required: ['n'] })),
      contract('1.0.0', wide, calls({ type: 'object' })),
      '--json',
    );
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      ok: false,
      contract: {
        before: '1.0.0',
        least: '2.0.0',
        breaking: true,
        bump: 'major',
        changes: [{ level: 'breaking', hostFunction: 'kv', side: 'result' }],
      },
    });
  });

  it('refuses another plugin, and what is no manifest', async () => {
    const other = contract('1.0.0', wide, { name: 'whisper' });
    expect((await against(contract('1.0.0', wide), other)).stdout).toContain('error: it is shout, and ');
    expect((await against(contract('1.0.0', wide), '/nowhere')).code).toBe(2);
    const broken = join(temporaryFolder(), 'old.json');
    writeFileSync(broken, '{}');
    expect((await against(contract('1.0.0', wide), broken)).stderr).toContain('ERR_MANIFEST');
  });

  it('compares host functions that an application offers, by its versions where it has some', async () => {
    const folder = temporaryFolder();
    const offer = (name: string, contents: object) => {
      writeFileSync(join(folder, name), JSON.stringify(contents));
      return name;
    };
    const functions = (schema: object) => ({ kv: { params: [{ type: 'json', schema }] } });
    const before = offer('before.json', { version: '1.0.0', hostFunctions: functions({}) });
    const run = (now: object, ...more: string[]) =>
      cordon(['check', offer('now.json', now), '--against', before, ...more], folder);
    const narrow = functions({ type: 'object' });
    expect(await run({ version: '1.1.0', hostFunctions: narrow })).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(
        /^breaking: argument 1 of the host function "kv": .*\nerror: it breaks plugins: make its version at least 2\.0\.0/,
      ),
    });
    expect((await run({ version: '2.0.0', hostFunctions: narrow })).code).toBe(0);
    expect((await run({ hostFunctions: narrow })).stdout).toContain('give both files a "version"');
    const more = { ...functions({}), tell: {} };
    expect(await run({ hostFunctions: more })).toMatchObject({
      code: 0,
      stdout: 'compatible: the host function "tell" is new\nnow.json is in order (2 host functions)\n',
    });
    expect(JSON.parse((await run({ version: '1.0.1', hostFunctions: more }, '--json')).stdout)).toMatchObject(
      {
        ok: false,
        contract: { bump: 'minor' },
      },
    );
    expect((await run({ version: '1.1.0', hostFunctions: functions({}) })).stdout).toContain(
      '(1 host function)',
    );
    expect((await run({ version: 'one', hostFunctions: {} })).code).toBe(2);
  }, 30_000);
});
