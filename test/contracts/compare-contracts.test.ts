import { compareContracts, contractJsonSchema, definePlugin } from 'cordon';
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
