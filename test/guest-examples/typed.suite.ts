import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import {
  defineHostFunction,
  definePlugin,
  type HostFunctionOptions,
  jsonSchema,
  type Manifest,
} from 'cordon';
import { describe, expect, it } from 'vitest';
import { parseManifestJson } from '../../src/manifest/parse-manifest.js';
import { program } from '../cli/run.js';
import { openHost, rejection } from '../host/open-host.js';
import { exampleAt } from './contract.suite.js';
import { MUCH_TEXT } from './guest.js';

type Json = Readonly<Record<string, unknown>>;

/** What the application is told, and answers. */
interface Told {
  readonly queries: unknown[];
  readonly data: unknown[];
}

function checked(schema: Json | undefined) {
  return schema === undefined ? undefined : jsonSchema(schema);
}

/** The contract of a manifest, checked on both sides by its JSON Schemas, as `cordon types` writes it. */
function definitionOf({ name, exports, imports }: Manifest) {
  return definePlugin({
    name,
    exports: Object.fromEntries(
      Object.entries(exports).map(([fn, { input, output }]) => [
        fn,
        { ...(input && { input: checked(input)! }), ...(output && { output: checked(output)! }) },
      ]),
    ),
    imports: Object.fromEntries(
      Object.entries(imports).map(([fn, { params, result }]) => [
        fn,
        { params: params.map(value), result: result ? value(result) : 'void' } as HostFunctionOptions,
      ]),
    ),
  });
}

function value({ type, schema }: Manifest['imports'][string]['params'][number]) {
  return schema === undefined ? type : { type, schema: jsonSchema(schema) };
}

/** What a `typed-` example does, whose types and exports `cordon types --guest` wrote. */
export function typedSuite(name: string, { out, language }: { out: string; language: string }): void {
  const manifest = parseManifestJson(readFileSync(exampleAt(name), 'utf8'));
  const definition = definitionOf(manifest);
  const open = async (answer: unknown = { title: 'Grüße 🌍', rank: 3 }) => {
    const told: Told = { queries: [], data: [] };
    const { find_note, add_up, tell } = definition.imports as Required<typeof definition.imports>;
    const host = await openHost({
      catalog: [dirname(exampleAt(name))],
      hostFunctions: {
        find_note: defineHostFunction(find_note!, ((query: unknown, depth: unknown) => {
          told.queries.push(query, depth);
          return answer;
        }) as never),
        add_up: defineHostFunction(add_up!, ((a: bigint, b: bigint) => a + b) as never),
        tell: defineHostFunction(tell!, ((...all: unknown[]) => {
          told.data.push(...all.slice(0, 2));
        }) as never),
      },
      grants: { '*': { hostFunctions: ['find_note', 'add_up', 'tell'] } },
    });
    const plugin = await host.load(definition);
    return { plugin, told, raw: plugin.plugin };
  };
  const note = <T extends object>(more?: T) => ({ title: 'a', kind: 'note', tags: [], ...(more as T) });

  it('has the files that cordon types writes from its manifest, and the same contract as the others', () => {
    const folder = dirname(exampleAt(name));
    execFileSync(process.execPath, [program, 'types', '.', '--guest', language, '--out', out, '--check'], {
      cwd: folder,
    });
    const other = parseManifestJson(readFileSync(exampleAt('typed-assemblyscript'), 'utf8'));
    expect([manifest.exports, manifest.imports]).toEqual([other.exports, other.imports]);
  });

  it('takes and gives objects, lists, maps, choices, and what may be absent', async () => {
    const { plugin } = await open();
    expect(await plugin.call('summarize', note())).toEqual({
      titles: ['a'],
      open: 0,
      sizes: 0,
      byTag: {},
      highest: null,
      kind: 'note',
    });
    const full = note({
      kind: 'to-do',
      tags: ['x', 'ÿ "\\\n\u0001', 'x'],
      priority: -5,
      done: false,
      size: 0.5,
      type: 'kept',
      extra: { any: [1, 'two', null, { three: true }], n: 1e-7 },
      parts: [
        note({ title: 'b', kind: 'to-do', done: null, priority: 9_007_199_254_740_991, size: 2 }),
        note({ title: 'c 🌍', kind: 'to-do', done: true, tags: ['x'], parts: [note({ title: 'd' })] }),
      ],
    });
    expect(await plugin.call('summarize', full)).toEqual({
      titles: ['a', 'b', 'c 🌍', 'd'],
      open: 2,
      sizes: 2.5,
      byTag: { x: 3, 'ÿ "\\\n\u0001': 1 },
      highest: 9_007_199_254_740_991,
      kind: 'to-do',
      first: { title: 'b' },
      type: 'kept',
      extra: full.extra,
    });
    const first = await plugin.call('summarize', note({ parts: [note({ done: true })] }));
    expect(first).toMatchObject({ first: { title: 'a', done: true } });
  });

  it('takes and gives text, bytes, choices and values by themselves', async () => {
    const { plugin, raw } = await open();
    expect(await plugin.call('shout', 'grüße\u0000 "5"')).toBe(
      'GRÜßE\u0000 "5"'.replace('ß', await sharp(plugin)),
    );
    expect(await plugin.call('shout', '')).toBe('');
    const much = (await plugin.call('shout', MUCH_TEXT)) as unknown as string;
    expect(much.length).toBeGreaterThan(MUCH_TEXT.length - 1);
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
    expect(await plugin.call('reverse', bytes)).toEqual(bytes.toReversed());
    expect(await plugin.call('reverse', new Uint8Array())).toEqual(new Uint8Array());
    expect(await plugin.call('next_kind', 'note')).toBe('to-do');
    expect(await plugin.call('next_kind', 'to-do')).toBe('note');
    expect(await plugin.call('swap', [])).toEqual([]);
    const values = [null, true, 1, -2.5, 'three', [], {}, { a: [{ b: null }] }];
    expect(await plugin.call('swap', values)).toEqual(values.toReversed());
    expect(await plugin.call('add', [])).toBe(0);
    expect(await plugin.call('add', [1, -2, 9_007_199_254_740_000])).toBe(9_007_199_254_739_999);
    // Beyond what a number of JavaScript can be.
    expect((await raw.call('add', '[9223372036854775806, 1]')).text()).toBe('9223372036854775807');
  });

  it('calls host functions with values of every kind, also where they give nothing', async () => {
    const { plugin, told } = await open();
    expect(await plugin.call('title_of', 'n"1')).toBe('Grüße 🌍 #3');
    expect(told.queries).toEqual([{ id: 'n"1', archived: true }, 2]);
    await plugin.call('shout', 'x');
    expect(told.data).toEqual(['x', Uint8Array.of(0, 255)]);
    expect(await (await open({ title: 't' })).plugin.call('title_of', '')).toBe('t');
    const error = await rejection((await open(null)).plugin.call('title_of', 'n2'));
    expect(error).toMatchObject({
      code: 'ERR_GUEST',
      message: expect.stringContaining('there is no note n2'),
    });
  });

  it.each([
    ['summarize', '{}', /title/],
    ['summarize', '{"title":5,"kind":"note","tags":[]}', /title|string|text/],
    ['summarize', '{"title":"a","kind":"other","tags":[]}', /note|other/],
    ['summarize', '{"title":"a","kind":"note","tags":null}', /tags|null|sequence/],
    ['summarize', '{"title":"a","kind":"note","tags":[],"parts":[{}]}', /title/],
    ['summarize', '{"title":"a",', /./],
    ['summarize', '', /./],
    ['next_kind', 'other', /./],
    ['swap', '{"a":1}', /./],
    ['add', '[1.5]', /./],
    ['add', '[1] x', /./],
  ])('refuses the input of %s that is %j by an error of its own, and goes on', async (fn, input, said) => {
    const { plugin, raw } = await open();
    const error = await rejection(raw.call(fn, input));
    expect(error.code, error.message).toBe('ERR_GUEST');
    expect(error.message).toMatch(/contract|UTF-8|none of the values/);
    expect(error.message).toMatch(said);
    expect(await plugin.call('next_kind', 'note')).toBe('to-do');
  });

  it('reports errors of its own', async () => {
    const { plugin } = await open();
    const error = await rejection(plugin.call('refuse', 'abc'));
    expect(error).toMatchObject({ code: 'ERR_GUEST', message: expect.stringContaining('refused 3 bytes') });
    expect(await plugin.call('next_kind', 'note')).toBe('to-do');
  });

  describe('given JSON that is odd', () => {
    it.each([
      ['deep lists', `${'['.repeat(100)}${']'.repeat(100)}`],
      ['escapes', '["\\u00e9\\ud83c\\udf0d\\n\\/"]'],
      ['space', ' [ 1 , { "a" : [ ] } ] '],
      ['numbers', '[0, -0.5, 1e3, 12345678901234]'],
    ])('%s reads and writes the same values', async (_, text) => {
      const { raw } = await open();
      expect((await raw.call('swap', text)).json()).toEqual(JSON.parse(text).reverse());
    });

    it.each(['[01]', '[1,]', '["\u0001"]', '[+1]', '{"a":1,}', '[nul]', '["\\x"]'])(
      'refuses %j',
      async (text) => {
        const { raw } = await open();
        expect((await rejection(raw.call('swap', text))).code).toBe('ERR_GUEST');
      },
    );
  });
}

/** Languages differ in what a sharp s is in capitals. */
async function sharp(plugin: { call(fn: 'shout', text: string): Promise<unknown> }): Promise<string> {
  const text = await plugin.call('shout', 'ß');
  expect(['ß', 'SS', 'ẞ']).toContain(text);
  return text as string;
}
