import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hostTypes } from '../../host-sdk/cli/types/host-types.js';
import { Identifiers } from '../../host-sdk/cli/types/identifier.js';
import { TypeWriter } from '../../host-sdk/cli/types/typescript-type.js';
import { parseManifest } from '../../src/manifest/parse-manifest.js';
import { Workspace } from '../docs/workspace.js';
import { guest } from '../fixtures/guests/guest.js';
import { ECHO, hostCaller } from '../fixtures/guests/guests.js';
import { temporaryFolder, writePlugin } from '../host/plugin-folder.js';
import { cordon } from './run.js';

const echo = guest(() => ECHO);
const manifest = (name: string, more: object = {}) =>
  parseManifest({ manifestVersion: 1, name, version: '1.0.0', ...more });

/** What a schema becomes, and the types that it needs. */
function typed(schema: object): string {
  const writer = new TypeWriter(new Identifiers());
  const type = writer.add('Root', schema as never);
  return [...writer.types.map(({ name, text }) => `${name} = ${text}`), type].join('\n');
}

const STRICT = {
  target: 'es2022',
  lib: ['es2023', 'esnext.disposable', 'dom'],
  module: 'nodenext',
  types: ['node'],
  strict: true,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  noPropertyAccessFromIndexSignature: true,
  noUnusedLocals: true,
  verbatimModuleSyntax: true,
  isolatedDeclarations: true,
  erasableSyntaxOnly: true,
  declaration: true,
  rootDir: '.',
};

describe('a schema as a type', () => {
  it.each([
    [{}, 'unknown'],
    [{ type: 'integer' }, 'number'],
    [{ type: ['string', 'null'] }, 'Root = string | null\nRoot'],
    [{ const: "it's" }, "Root = 'it\\'s'\nRoot"],
    [{ enum: [1, 'a', null, { b: [true] }] }, "Root = 1 | 'a' | null | { b: [true] }\nRoot"],
    [{ type: 'array', items: { type: ['string', 'number'] } }, 'Root = (string | number)[]\nRoot'],
    [{ type: 'array' }, 'unknown[]'],
    [
      { type: 'array', prefixItems: [{ type: 'string' }, { type: 'number' }], minItems: 1 },
      'Root = [string, (number)?, ...(unknown)[]]\nRoot',
    ],
    [{ type: 'array', prefixItems: [{ type: 'string' }], minItems: 1, items: false }, '[string]'],
    [{ type: 'object' }, 'Root = { [name: string]: unknown }\nRoot'],
    [{ type: 'object', additionalProperties: false }, 'Root = Record<string, never>\nRoot'],
    [{ type: 'object', additionalProperties: { type: 'number' } }, 'Root = { [name: string]: number }\nRoot'],
    [
      { properties: { a: { type: 'string', description: 'ends */ here' }, 'b c': {} }, required: ['a', 'd'] },
      "Root = {\n  /** ends *\\/ here */\n  a: string;\n  'b c'?: unknown;\n  d: unknown;\n}\nRoot",
    ],
    [{ anyOf: [{ type: 'string' }, { type: 'number' }] }, 'Root = string | number\nRoot'],
    [{ oneOf: [{ type: 'string' }, {}] }, 'unknown'],
    [
      {
        type: 'object',
        properties: { a: { type: 'string' } },
        anyOf: [{ properties: { b: {} } }, { type: 'null' }],
      },
      'Root = {\n  a?: string | undefined;\n} & ({\n  b?: unknown;\n} | null)\nRoot',
    ],
    [{ not: {} }, 'never'],
    [{ contentMediaType: 'application/octet-stream' }, 'Uint8Array'],
    [
      {
        $ref: '#/$defs/tree',
        $defs: { tree: { type: 'array', items: { $ref: '#/$defs/tree' } } },
      },
      'RootTree = RootTree[]\nRootTree',
    ],
    [
      { type: 'object', properties: { next: { $ref: '#' } } },
      'Root = {\n  next?: Root | undefined;\n}\nRoot',
    ],
  ])('%j', (schema, expected) => {
    expect(typed(schema)).toBe(expected);
  });

  it('that refers to nothing is refused, with its place', () => {
    const wrong = manifest('p', { exports: { f: { input: { $ref: '#/$defs/none' } } } });
    expect(() => hostTypes([wrong], 'declarations')).toThrow(
      expect.objectContaining({
        code: 'ERR_MANIFEST',
        message: 'p: exports.f.input cannot be a type: "$ref": "#/$defs/none" leads nowhere.',
      }),
    );
  });
});

describe('cordon types', () => {
  it('prints the same whatever the order, and what its page says', async () => {
    const one = await cordon(['types', 'markdown', 'highlight']);
    const other = await cordon(['types', 'highlight', 'markdown/plugin.json']);
    expect(one).toEqual({ code: 0, stderr: '', stdout: other.stdout });
    const page = readFileSync(new URL('../../docs/reference/cli.md', import.meta.url), 'utf8');
    const [, block] = /cordon types count-vowels\n```\n\n```ts\n([\s\S]*?)```/.exec(page)!;
    expect((await cordon(['types', 'count-vowels'])).stdout).toBe(block);
  });

  it('writes a file, leaves it where it says the same, and fails where it is stale', async () => {
    const folder = temporaryFolder();
    const out = join(folder, 'generated', 'plugins.ts');
    const run = (...more: string[]) => cordon(['types', 'markdown', '--out', out, ...more]);
    expect(await run('--check')).toMatchObject({
      code: 1,
      stderr: `${out} is not there: the same command without --check writes it\n`,
    });
    expect((await run()).stdout).toBe(`${out}: written\n`);
    expect((await run()).stdout).toBe(`${out}: as it was\n`);
    expect(await run('--check')).toEqual({ code: 0, stdout: '', stderr: '' });
    writeFileSync(out, `${readFileSync(out, 'utf8')}\n`);
    expect(await run('--check')).toMatchObject({ code: 1, stderr: expect.stringContaining('is stale') });
    const { code, stdout } = await run('--check', '--json');
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toEqual({
      ok: false,
      plugins: [{ name: '@acme/markdown', version: '1.2.0' }],
      warnings: [],
      files: [{ path: out, state: 'stale' }],
    });
  }, 30_000);

  it('takes the newest of a catalog, one in a range, or what the lockfile has', async () => {
    const folder = temporaryFolder();
    for (const version of ['1.0.0', '1.1.0', '2.0.0']) {
      writePlugin(join(folder, 'plugins', `p-${version}`), echo, { name: 'p', version });
      writePlugin(join(folder, 'plugins', `q-${version}`), echo, { name: 'q', version });
    }
    const plugins = async (...argv: string[]) => {
      const { stdout, stderr } = await cordon(['types', ...argv, '--json'], folder);
      return stdout === '' ? stderr : JSON.parse(stdout).plugins.map(version);
    };
    const version = (one: { name: string; version: string }) => `${one.name} ${one.version}`;
    expect(await plugins('plugins')).toEqual(['p 2.0.0', 'q 2.0.0']);
    expect(await plugins('--catalog', 'plugins')).toEqual(['p 2.0.0', 'q 2.0.0']);
    expect(await plugins('p@^1', '--catalog', 'plugins')).toEqual(['p 1.1.0']);
    expect(await plugins('p@^3', '--catalog', 'plugins')).toContain(
      'ERR_NOT_FOUND: No p@^3 is in the catalog; there is 2.0.0, 1.1.0, 1.0.0',
    );
    const entry = {
      version: '1.0.0',
      source: 'directory plugins',
      manifest: `sha256-${'A'.repeat(43)}=`,
      modules: { main: `sha256-${'A'.repeat(43)}=` },
      dependencies: {},
    };
    writeFileSync(
      join(folder, 'plugins.lock.json'),
      JSON.stringify({ lockfileVersion: 1, plugins: { p: entry } }),
    );
    expect(await plugins('--catalog', 'plugins', '--lockfile', 'plugins.lock.json')).toEqual(['p 1.0.0']);
    expect(await plugins('plugins/p-1.0.0', 'plugins/p-2.0.0')).toContain(
      'p is there as 1.0.0 and as 2.0.0: give one of them',
    );
  }, 30_000);

  it.each([
    [['nowhere'], 'nowhere is not there; for a plugin of a catalog add --catalog'],
    [['markdown', '--check'], '--check needs to know which file: add --out <path>'],
    [['markdown', '--out', 'x.js'], '--out x.js does not end in .ts'],
  ])('%j is a wrong command line', async (argv, message) => {
    const { code, stderr } = await cordon(['types', ...argv]);
    expect({ code, said: stderr.includes(message) }, stderr).toEqual({ code: 2, said: true });
  });

  it('warns of what cannot be checked, and types it all the same', () => {
    const odd = manifest('p', { exports: { f: { input: { type: 'string', unevaluatedItems: false } } } });
    const { text, warnings } = hostTypes([odd], 'definitions');
    expect(warnings).toEqual([
      expect.stringMatching(
        /^p: exports\.f\.input is not checked when the program runs, only typed: "unevaluatedItems" is not understood/,
      ),
    ]);
    expect(text).toContain('jsonSchema<string>({ "type": "string" })');
  });

  it('refuses plugins that describe a host function differently', () => {
    const calls = (name: string, type: string) => manifest(name, { imports: { kv: { params: [type] } } });
    expect(() => hostTypes([calls('p', 'text'), calls('q', 'json')], 'definitions')).toThrow(
      expect.objectContaining({ code: 'ERR_MANIFEST', message: expect.stringContaining('p and q describe') }),
    );
    expect(hostTypes([calls('p', 'text'), calls('q', 'text')], 'definitions').text).toContain(
      'hostFunctions.kv',
    );
  });
});

describe('what cordon types writes', () => {
  const workspace = new Workspace();
  afterAll(() => workspace.remove());

  /** Names and texts that would end a comment, a text or a line, were they not escaped. */
  const nasty = '*/ \' " ` \u0024{x} \\ \u2028 \u202e </script>';
  const note = {
    type: 'object',
    description: nasty,
    properties: {
      id: { type: 'string' },
      tags: { type: 'array', items: { type: 'string' } },
      [nasty]: { const: nasty },
      parent: { $ref: '#/$defs/note' },
    },
    required: ['id'],
    $defs: { note: { type: 'object', properties: { id: { type: 'string' } } } },
  };
  const caller = {
    exports: {
      host: { description: nasty.replaceAll(/[\u2028\u202e]/g, ''), input: { type: 'string' }, output: note },
      twice: {},
    },
    imports: {
      host: {
        description: 'The note of an id',
        params: [{ name: 'id', schema: { type: 'string' } }],
        result: { schema: note },
      },
    },
    permissions: { hostFunctions: ['host'] },
  };

  beforeAll(async () => {
    workspace.addExamples('plugins');
    writePlugin(join(workspace.path, 'plugins', 'notes'), hostCaller('host'), {
      name: '@other/markdown',
      ...caller,
    });
    const write = async (...argv: string[]) =>
      expect(await cordon(['types', ...argv], workspace.path)).toMatchObject({ code: 0, stderr: '' });
    await write('plugins', '--out', 'plugins.ts');
    await write('plugins/markdown', 'plugins/count-vowels', '--out', 'declared/plugins.d.ts');
  }, 60_000);

  const compile = (config: object) => {
    workspace.write('tsconfig.json', JSON.stringify(config));
    return workspace.run(
      [join(import.meta.dirname, '../../node_modules/typescript/bin/tsc'), '-p', 'tsconfig.json'],
      '.',
    );
  };

  it('compiles under strict settings, types calls, and runs', async () => {
    workspace.write(
      'host.ts',
      `import { createHost, defineHostFunction, type Plugin } from 'cordon';
import { acmeMarkdown, countVowels, hostFunctions, otherMarkdown, type CountVowelsCountVowelsOutput } from './plugins.js';

await using host = await createHost({
  catalog: ['./plugins'],
  hostFunctions: { host: defineHostFunction(hostFunctions.host, (id, ctx) => ({ id, tags: [ctx.plugin] })) },
  grants: { '@other/markdown': { hostFunctions: ['host'] } },
});
const vowels = await host.load(countVowels);
const counted: CountVowelsCountVowelsOutput = await vowels.call('count_vowels', 'Cordon');
console.log(counted.count);
const wrong = await vowels.call('count_vowels', 5 as unknown as string).catch((error: { code: string }) => error.code);
console.log(wrong);

// By name: typed, not checked.
const named = await host.load('@acme/markdown@^1.2');
const outline = (await named.call('outline', '# One')).json();
console.log(outline[0]?.level, (await host.call('@acme/markdown', 'render', '*x*')).text().trim());
const both = await host.load(['@acme/markdown', '@acme/count-vowels']);
console.log((await both[1].call('count_vowels', 'aa')).json().total);
const plugin: Plugin = both[0];
console.log(plugin.name, host.plugin('@acme/markdown').version, acmeMarkdown.name);

const notes = await host.load(otherMarkdown);
console.log((await notes.call('host', 'n1')).tags?.join());
`,
    );
    workspace.write(
      'wrong.ts',
      `import type { Host } from 'cordon';
import { defineHostFunction } from 'cordon';
import { countVowels, hostFunctions } from './plugins.js';

export async function wrong(host: Host): Promise<void> {
  // @ts-expect-error a number is no text
  await (await host.load(countVowels)).call('count_vowels', 5);
  // @ts-expect-error no such export
  await (await host.load('@acme/markdown')).call('rendr', '');
  // @ts-expect-error a number is no text
  await host.call('@acme/markdown', 'render', 5);
  // @ts-expect-error no such property
  (await host.plugin('@acme/count-vowels').call('count_vowels', '')).json().counted;
  // @ts-expect-error an id is missing
  defineHostFunction(hostFunctions.host, () => ({ tags: [] }));
  // A plugin that is not known takes anything.
  await (await host.load('@acme/unknown')).call('anything', 5);
}
`,
    );
    const ended = await compile({ compilerOptions: STRICT, files: ['host.ts', 'wrong.ts', 'plugins.ts'] });
    expect(ended).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(await workspace.run(['host.js'], '.')).toEqual({
      code: 0,
      stderr: '',
      stdout: '2\nERR_INPUT\n1 <p><em>x</em></p>\n4\n@acme/markdown 1.2.0 @acme/markdown\n@other/markdown\n',
    });
  }, 120_000);

  it('as declarations knows names alone', async () => {
    workspace.write(
      'declared/use.ts',
      `import type { Host, Output, Plugin } from 'cordon';

export async function use(host: Host): Promise<number> {
  const plugin = await host.load('@acme/count-vowels');
  // @ts-expect-error a number is no text
  await plugin.call('count_vowels', 5);
  const unknown: Plugin = await host.load('@other/markdown');
  const output: Output = await unknown.call('anything', 5);
  return (await plugin.call('count_vowels', output.text())).json().count;
}
`,
    );
    const files = ['declared/use.ts', 'declared/plugins.d.ts'];
    expect(await compile({ compilerOptions: { ...STRICT, noEmit: true }, files })).toEqual({
      code: 0,
      stdout: '',
      stderr: '',
    });
    expect(readFileSync(join(workspace.path, 'declared/plugins.d.ts'), 'utf8')).not.toContain('jsonSchema');
  }, 60_000);

  it('has no line of code that a manifest wrote', () => {
    const text = readFileSync(join(workspace.path, 'plugins.ts'), 'utf8');
    expect(text).toContain('\\u202e');
    expect(text).not.toMatch(/[\u2028\u202e]/);
  });
});
