import {
  compareContracts,
  contractJsonSchema,
  defineHostFunction,
  definePlugin,
  hostFunctionsJsonSchema,
  jsonSchema,
} from 'cordon';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';

type Json = Record<string, unknown>;
const input = (before: Json, after: Json) =>
  compareContracts({ exports: { f: { input: before } } }, { exports: { f: { input: after } } });
const output = (before: Json, after: Json) =>
  compareContracts({ exports: { f: { output: before } } }, { exports: { f: { output: after } } });
const object = (properties: Json, required: string[] = [], more: Json = {}) => ({
  type: 'object',
  properties,
  required,
  ...more,
});
const string = { type: 'string' };

/** The second admits all that the first does, and more. */
const WIDER: [string, Json, Json][] = [
  ['another type', string, { type: ['string', 'null'] }],
  ['any number', { type: 'integer' }, { type: 'number' }],
  ['another value', { enum: ['a'] }, { enum: ['a', 'b'] }],
  ['a higher limit', { type: 'string', maxLength: 5 }, { type: 'string', maxLength: 6 }],
  ['a lower limit', { type: 'number', minimum: 5 }, { type: 'number', minimum: 4 }],
  ['no limit', { type: 'string', maxLength: 5 }, string],
  ['no pattern', { type: 'string', pattern: 'x' }, string],
  ['a required property that is optional now', object({ a: string }, ['a']), object({ a: string })],
  ['an alternative', string, { anyOf: [string, { type: 'null' }] }],
  ['fewer alternatives before', { anyOf: [string] }, { anyOf: [string, { type: 'number' }] }],
  [
    'something inside of a list',
    { type: 'array', items: { type: 'integer' } },
    { type: 'array', items: { type: 'number' } },
  ],
  ['deep inside', object({ a: object({ b: { const: 1 } }) }), object({ a: object({ b: { enum: [1, 2] } }) })],
  ['further properties', object({}, [], { additionalProperties: false }), object({})],
  ['anything', string, {}],
];

describe.each(WIDER)('a schema that admits %s', (_, narrow, wide) => {
  it('is compatible as an input and breaking as an output, and the other way round', () => {
    expect([input(narrow, wide).breaking, output(narrow, wide).breaking]).toEqual([false, true]);
    expect([input(wide, narrow).breaking, output(wide, narrow).breaking]).toEqual([true, false]);
    expect([input(narrow, wide).bump, output(narrow, wide).bump]).toEqual(['minor', 'major']);
  });
});

describe('a comparison', () => {
  it('names exports that are gone and new ones, and advises a version', () => {
    const { changes, bump } = compareContracts(
      { version: '1.0.0', exports: { a: {} } },
      { exports: { constructor: {} } },
    );
    expect(changes).toEqual([
      { level: 'breaking', export: 'a', path: '', message: '"a" is gone' },
      { level: 'compatible', export: 'constructor', path: '', message: '"constructor" is new' },
    ]);
    expect(bump).toBe('major');
    expect(compareContracts({ version: '0.3.0', exports: { a: {} } }, {}).bump).toBe('minor');
    expect(compareContracts({ exports: { a: {} } }, { exports: { a: {} } })).toEqual({
      changes: [],
      breaking: false,
      bump: 'patch',
    });
  });

  it('says where, and what', () => {
    const { changes } = input(
      object({ a: object({ b: string }) }),
      object({ a: object({ b: string, c: string }, ['c']) }, ['a']),
    );
    expect(changes.map(({ path, message }) => [path, message])).toEqual([
      ['', 'the input of "f": the new one takes less: "a" is required'],
      ['/a', 'the input of "f" at /a: the new one takes less: "c" is required'],
    ]);
  });

  it('does not look at what is for people', () => {
    const described = { ...string, description: 'x', title: 'y', examples: ['z'] };
    expect(input(string, described)).toMatchObject({ breaking: false });
    expect(output(described, string)).toMatchObject({ breaking: false });
  });

  it('takes for breaking what it cannot tell', () => {
    for (const other of [
      { not: {} },
      { $ref: '#/x' },
      { oneOf: [string] },
      { allOf: [string] },
      { patternProperties: {} },
    ]) {
      expect(input(string, other).breaking, JSON.stringify(other)).toBe(true);
    }
    expect(output(string, { $ref: '#/x' }).breaking).toBe(true);
  });

  it('ends for schemas that multiply, and refuses what no manifest may be', () => {
    const bomb = (leaf: Json, depth = 6): Json =>
      depth === 0 ? leaf : { anyOf: Array(3).fill(object({ a: bomb(leaf, depth - 1) })) };
    expect(input(bomb(string), bomb({ type: 'number' })).breaking).toBe(true);
    const deep = (depth: number): Json => (depth === 0 ? {} : { items: deep(depth - 1) });
    const wrong = [
      null,
      5,
      'x',
      { exports: 5 },
      { exports: [] },
      { exports: { f: 5 } },
      { exports: { f: { input: 'x' } } },
      { exports: { f: { input: deep(100) } } },
    ];
    for (const one of wrong) {
      expect(() => compareContracts(one as never, {})).toThrow(
        expect.objectContaining({ code: 'ERR_OPTIONS' }),
      );
      expect(() => compareContracts({}, one as never)).toThrow('the second contract is wrong');
    }
    const proto = JSON.parse('{ "exports": { "__proto__": { "input": {} } } }');
    expect(() => compareContracts(proto, {})).toThrow(expect.objectContaining({ code: 'ERR_OPTIONS' }));
  });
});

describe('contractJsonSchema', () => {
  it('says what a definition admits, on both sides', () => {
    const definition = definePlugin({
      name: 'a',
      exports: { f: { input: z.object({ n: z.number().default(1) }), output: z.string() }, g: {} },
    });
    expect(contractJsonSchema(definition)).toEqual({
      f: {
        input: { type: 'object', properties: { n: { default: 1, type: 'number' } } },
        output: { type: 'string' },
      },
      g: {},
    });
    expect(compareContracts(definition, definition).changes).toEqual([]);
    const next = definePlugin({
      name: 'a',
      exports: { f: { input: z.object({ n: z.string() }), output: z.string() }, g: {} },
    });
    expect(compareContracts(definition, next)).toMatchObject({ breaking: true, bump: 'major' });
  });

  it('refuses what JSON Schema cannot say, and schemas of others', () => {
    const other = {
      '~standard': { version: 1 as const, vendor: 'other', validate: (value: unknown) => ({ value }) },
    };
    for (const schema of [z.bigint(), z.date(), other]) {
      const definition = definePlugin({ name: 'a', exports: { f: { input: schema } } });
      expect(() => contractJsonSchema(definition)).toThrow('exports.f.input cannot be said as JSON Schema');
    }
  });
});

describe('host functions in contracts', () => {
  const one = (param: Json, result: Json) => ({
    kv_read: { params: [{ name: 'key', schema: param }], result: { type: 'json' as const, schema: result } },
  });
  const narrow = { type: 'number', minimum: 5 };
  const wide = { type: 'number' };
  const compared = (role: 'imports' | 'hostFunctions', before: object, after: object) =>
    compareContracts({ [role]: before }, { [role]: after });

  it('that an application offers may take more and give less, and those that a plugin calls the other way round', () => {
    for (const [role, takesMore] of [
      ['hostFunctions', true],
      ['imports', false],
    ] as const) {
      expect(compared(role, one(narrow, wide), one(wide, wide)).breaking).toBe(!takesMore);
      expect(compared(role, one(wide, wide), one(narrow, wide)).breaking).toBe(takesMore);
      expect(compared(role, one(wide, narrow), one(wide, wide)).breaking).toBe(takesMore);
      expect(compared(role, one(wide, wide), one(wide, narrow)).breaking).toBe(!takesMore);
    }
  });

  it('that are gone break plugins, and further ones break hosts', () => {
    const some = one(wide, wide);
    expect(compared('hostFunctions', some, {})).toMatchObject({
      breaking: true,
      changes: [{ hostFunction: 'kv_read', message: 'the host function "kv_read" is gone' }],
    });
    expect(compared('hostFunctions', {}, some)).toMatchObject({ breaking: false, bump: 'minor' });
    expect(compared('imports', some, {}).breaking).toBe(false);
    expect(compared('imports', {}, some).changes[0]!.message).toBe(
      'the host function "kv_read" is needed from now on',
    );
  });

  it('that a manifest asked for before, or does not need, break no host', () => {
    const asks = (...hostFunctions: unknown[]) => ({ permissions: { hostFunctions } });
    const now = { imports: one(wide, wide), ...asks('kv_read') };
    expect(compareContracts(asks({ name: 'kv_read' }), now).breaking).toBe(false);
    expect(compareContracts(asks('other'), now).breaking).toBe(true);
    expect(compareContracts({}, { ...now, ...asks({ name: 'kv_read', optional: true }) }).breaking).toBe(
      false,
    );
  });

  it('say where they differ, and by which types', () => {
    const { changes } = compared(
      'hostFunctions',
      one(object({ a: wide }), wide),
      one(object({ a: narrow }), wide),
    );
    expect(changes).toEqual([
      {
        level: 'breaking',
        hostFunction: 'kv_read',
        side: 'params',
        path: '/0/a',
        message: 'argument 1 of the host function "kv_read" at /a: the new one takes less: minimum is 5',
      },
    ]);
    const other = { kv_read: { params: ['text', 'i32'], result: 'text' } };
    expect(compared('imports', { kv_read: { params: ['text'] } }, other).changes[0]!.message).toBe(
      'the host function "kv_read" was (text) -> void and is (text, i32) -> text',
    );
  });

  it('that are none are refused, with every problem', () => {
    expect(() => compared('imports', {}, { f: { params: ['string'], results: 'text' } })).toThrow(
      expect.objectContaining({
        code: 'ERR_OPTIONS',
        message: expect.stringMatching(
          /second contract: "imports" has 2 problems:\n {2}f\.params\[0\]: found "string"/,
        ),
      }),
    );
  });

  it('of a definition are compared as those that its plugin calls', () => {
    const calls = (result: z.ZodType) =>
      definePlugin({ name: 'a', exports: {}, imports: { f: { params: [z.string()], result } } });
    const number = z.object({ n: z.number() });
    expect(compareContracts(calls(number), calls(number)).changes).toEqual([]);
    expect(compareContracts(calls(number), calls(z.object({ n: z.number().min(1) })))).toMatchObject({
      breaking: true,
      changes: [{ hostFunction: 'f', side: 'result', path: '/n' }],
    });
  });
});

describe('hostFunctionsJsonSchema', () => {
  it('says what functions, their options and definitions take and give', () => {
    const options = {
      description: 'Adds',
      params: [{ name: 'a', schema: z.object({ n: z.number() }) }, 'i32'],
      result: z.string(),
    } as const;
    const schema = {
      type: 'object',
      properties: { n: { type: 'number' } },
      required: ['n'],
    };
    const expected = {
      description: 'Adds',
      params: [{ name: 'a', type: 'json', schema }, 'i32'],
      result: { type: 'text', schema: { type: 'string' } },
    };
    const made = defineHostFunction(options, () => '');
    const json = hostFunctionsJsonSchema({ options, made });
    expect(json).toMatchObject({ options: expected, made: expected });
    const definition = definePlugin({ name: 'a', exports: {}, imports: { options, made } });
    expect(hostFunctionsJsonSchema(definition.imports)).toEqual(json);
    expect(compareContracts({ imports: json }, definition).changes).toEqual([]);
    expect(hostFunctionsJsonSchema({ f: {} })).toEqual({ f: { params: [] } });
  });

  it('gives a JSON Schema back as it was', () => {
    const given = { type: 'object', description: 'as it was', patternProperties: { '^x': {} } };
    expect(hostFunctionsJsonSchema({ f: { params: [jsonSchema(given)] } }).f!.params).toEqual([
      { type: 'json', schema: given },
    ]);
  });

  it('refuses what JSON Schema cannot say', () => {
    expect(() => hostFunctionsJsonSchema({ f: { result: z.bigint() } })).toThrow(
      'f.result cannot be said as JSON Schema',
    );
  });

  it('refuses what are no host functions', () => {
    expect(() => hostFunctionsJsonSchema(undefined as never)).toThrow(
      'hostFunctionsJsonSchema was given undefined; expected an object of host functions.',
    );
  });
});
