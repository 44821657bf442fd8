import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hostFunctionsJsonSchema } from 'cordon';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { guestBindings } from '../../host-sdk/cli/types/guest/guest-bindings.js';
import { parseManifest } from '../../src/manifest/parse-manifest.js';
import { openHost, rejection } from '../host/open-host.js';
import { temporaryFolder } from '../host/plugin-folder.js';
import { cordon, examples } from './run.js';

const manifest = (more: object) =>
  parseManifest({ manifestVersion: 1, name: 'p', version: '1.0.0', ...more });
const bindings = async (language: string, more: object, out = 'contract.x') =>
  guestBindings(language, manifest(more), { offered: {}, out });

/** Names and texts that are odd in some language: keywords, several that become one, what would end a comment or a text. */
const odd = '*/ " \\ \u0024{x} ` \'';
const ODD = {
  exports: {
    type: {
      description: odd,
      input: {
        type: 'object',
        description: odd,
        properties: {
          type: { type: 'string', description: odd },
          self: { type: 'integer' },
          'a-b': { type: 'number' },
          a_b: { type: 'boolean' },
          [odd]: { enum: [odd, 'type', '', '1'] },
          func: { type: 'array', items: { type: 'array', items: { type: ['integer', 'null'] } } },
          map: {
            type: 'object',
            additionalProperties: { type: 'object', additionalProperties: { enum: ['x'] } },
          },
          maybe: { anyOf: [{ type: 'object', properties: { next: { $ref: '#' } } }, { type: 'null' }] },
          list: { type: 'array' },
          many: { type: ['string', 'number'] },
        },
        required: ['type', 'self', 'func', 'map', 'maybe', 'many'],
      },
      output: { $ref: '#/$defs/o', $defs: { o: { type: 'array', items: { $ref: '#/$defs/o' } } } },
    },
    impl: { input: { type: ['string', 'null'] }, output: { type: 'boolean' } },
  },
  imports: {
    match: {
      description: odd,
      params: [
        { name: 'text', type: 'text' },
        { name: 'type', type: 'text', schema: { enum: ['a', 'b'] } },
        { name: 'result', schema: { type: 'array', items: { type: 'integer' } } },
        'f32',
        'f64',
      ],
      result: { type: 'text', schema: { enum: ['a', 'b'] } },
    },
    read: {
      params: [
        { name: 'bytes', type: 'bytes' },
        { name: 'value', type: 'json' },
      ],
      result: 'bytes',
    },
    take: { params: [{ name: 'take', type: 'i32' }], result: 'f64' },
  },
  permissions: { hostFunctions: ['match', 'read', 'take'] },
} as const;

/** The program, where it is on this machine. */
const has = (program: string, ...argv: string[]) => spawnSync(program, argv).status === 0;

describe('bindings of an odd contract', () => {
  it('are AssemblyScript that compiles, and reads and writes its values', { timeout: 60_000 }, async () => {
    const folder = temporaryFolder();
    const files = await bindings('assemblyscript', ODD, join(folder, 'contract.ts'));
    for (const { path, text } of files) writeFileSync(path, text);
    cpSync(join(examples, 'assemblyscript-bindings/assembly/extism.ts'), join(folder, 'extism.ts'));
    writeFileSync(
      join(folder, 'plugin.ts'),
      `import { callMatch, callTake, JsonValue, JsonWriter, TypeInput } from "./contract";
export function type_(input: TypeInput): JsonValue[] {
  const out = new JsonWriter();
  TypeInput.write(out, input);
  return [JsonValue.ofText(out.text), JsonValue.ofNumber(callTake(3)), JsonValue.ofText(callMatch("t", "b", [1], 0.5, 2.5))];
}
export function impl(input: string | null): bool {
  return input === null;
}
`,
    );
    const asc = join(import.meta.dirname, '../../node_modules/assemblyscript/bin/asc.js');
    const argv = [asc, 'contract-exports.ts', '--outFile', 'p.wasm', '--use', 'abort=extism/abort', '-O1'];
    execFileSync(process.execPath, argv, { cwd: folder, stdio: 'pipe' });
    const { defineHostFunction } = await import('cordon');
    const host = await openHost({
      hostFunctions: {
        match: defineHostFunction(
          { params: ['text', 'text', 'json', 'f32', 'f64'], result: 'text' },
          (text, type, list, a, b) =>
            JSON.stringify([text, type, list, a, b]) === '["t","b",[1],0.5,2.5]' ? 'a' : 'b',
        ),
        read: defineHostFunction({ params: ['bytes', 'json'], result: 'bytes' }, (bytes) => bytes),
        take: defineHostFunction({ params: ['i32'], result: 'f64' }, (n) => n / 2),
      },
      grants: { '*': { hostFunctions: ['match', 'read', 'take'] } },
    });
    const plugin = await host.load({ manifest: ODD_MANIFEST, wasm: readFileSync(join(folder, 'p.wasm')) });
    const value = {
      type: odd,
      self: -7,
      'a-b': 0.5,
      a_b: true,
      [odd]: odd,
      func: [[1, null], []],
      map: { x: { y: 'x' } },
      maybe: { next: { type: '', self: 0, func: [], map: {}, maybe: null, many: null } },
      list: [1, 'two', { three: [null] }],
      many: 5,
    };
    const [text, half, choice] = (await plugin.call('type', value)).json<[string, number, string]>();
    expect(JSON.parse(text)).toEqual(value);
    expect([half, choice]).toEqual([1.5, 'a']);
    expect((await plugin.call('impl', 'null')).json()).toBe(true);
    const wrong = await rejection(plugin.call('type', { ...value, func: [['1']] }));
    expect(wrong.message).toContain('/func/0/0: expected a whole number of 64 bits');
  });

  it.skipIf(!has('gofmt', '-h') && !has('go', 'version'))('are Go as gofmt has it', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'contract.go');
    const text = JSON.stringify(ODD).replaceAll(`${JSON.stringify(odd)}:`, '"o d":');
    writeFileSync(file, (await bindings('go', JSON.parse(text)))[0]!.text);
    const { stdout, stderr, status } = spawnSync('gofmt', ['-d', '-e', file], { encoding: 'utf8' });
    expect({ stdout, stderr, status }).toEqual({ stdout: '', stderr: '', status: 0 });
  });

  it.skipIf(!has('rustfmt', '--version'))('are Rust that parses', async () => {
    const { text } = (await bindings('rust', ODD))[0]!;
    const { stderr, status } = spawnSync('rustfmt', ['--edition', '2021', '--emit', 'stdout'], {
      input: text,
      encoding: 'utf8',
    });
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
    expect(text).toContain('maybe: Option<Box<');
  });
});

const ODD_MANIFEST = { manifestVersion: 1, name: 'p', version: '1.0.0', ...ODD } as never;

describe('cordon types --guest', () => {
  it('takes host functions that the application describes, where the manifest does not', async () => {
    const folder = temporaryFolder();
    const offered = hostFunctionsJsonSchema({
      note_title: { params: [{ name: 'id', schema: z.string() }], result: z.object({ title: z.string() }) },
      other: { params: ['text'] },
    });
    writeFileSync(join(folder, 'host.json'), JSON.stringify({ hostFunctions: offered }));
    writeFileSync(
      join(folder, 'plugin.json'),
      JSON.stringify({
        manifestVersion: 1,
        name: 'p',
        version: '1.0.0',
        exports: { f: {} },
        permissions: { hostFunctions: ['note_title'] },
      }),
    );
    const argv = ['types', '.', '--guest', 'go', '--host-functions', 'host.json'];
    const { code, stdout } = await cordon(argv, folder);
    expect(code).toBe(0);
    expect(stdout).toContain('func CallNoteTitle(id string) (NoteTitleResult, error) {');
    expect(stdout).not.toContain('CallOther');
    writeFileSync(join(folder, 'host.json'), '{"hostFunctions":{"f":{"params":["string"]}}}');
    expect((await cordon(argv, folder)).stderr).toContain('host.json: "hostFunctions" has 1 problem');
    writeFileSync(join(folder, 'host.json'), '{');
    expect(await cordon(argv, folder)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('host.json:1:2'),
    });
  }, 30_000);

  it.each([
    [['markdown', '--guest', 'cobol'], 'Allowed choices are assemblyscript, rust, go'],
    [['markdown', '--guest', 'rust', '--out', 'x.go'], '--out x.go does not end in .rs'],
    [['markdown', 'highlight', '--guest', 'rust'], '--guest takes one plugin'],
    [['markdown', '--guest', 'assemblyscript'], 'writes more than one file: add --out <path>'],
    [['markdown', '--host-functions', 'x.json'], '--host-functions is for guests'],
  ])('%j is a wrong command line', async (argv, message) => {
    const { code, stderr } = await cordon(['types', ...argv]);
    expect({ code, said: stderr.includes(message) }, stderr).toEqual({ code: 2, said: true });
  });

  it('refuses a contract that cannot be said in the language', async () => {
    const refusal = (language: string, exports: object) => rejection(bindings(language, { exports }));
    for (const language of ['assemblyscript', 'rust', 'go']) {
      expect((await refusal(language, { a_b: {}, aB: {} })).message).toContain(
        '"a_b" and "aB" would have the same name',
      );
      expect((await refusal(language, {})).message).toContain('it describes no exports');
      expect((await refusal(language, { f: { input: { $ref: '#/x' } } })).message).toContain('leads nowhere');
    }
    expect((await refusal('assemblyscript', { 'a-b': {} })).message).toContain(
      '"a-b" cannot be a name in AssemblyScript',
    );
    const quoted = { type: 'object', properties: { 'a"b': {} } };
    expect((await refusal('go', { f: { input: quoted } })).message).toContain(
      'the property "a\\"b" cannot be read',
    );
    expect(await refusal('go', { 'a b': {} })).toMatchObject({ code: 'ERR_MANIFEST', plugin: 'p' });
  });
});
