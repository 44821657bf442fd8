import { jsonSchema } from 'cordon';
import { describe, expect, it } from 'vitest';

/** The paths of what is wrong. */
function wrong(schema: object, value: unknown): string[] {
  const result = jsonSchema(schema as never)['~standard'].validate(value) as {
    issues?: { path: unknown[]; message: string }[];
  };
  return (result.issues ?? []).map(({ path, message }) => `${path.join('/')}: ${message}`);
}

/** A schema, values that fit, and values that do not. */
const CASES: [object, unknown[], unknown[]][] = [
  [{}, [1, null, 'x', [], {}], []],
  [{ type: 'integer' }, [1, -2, 3.0], [1.5, '1', null, Number.NaN]],
  [{ type: ['string', 'null'] }, ['', null], [1, undefined]],
  [{ const: { a: [1] } }, [{ a: [1] }], [{ a: [1, 2] }, { a: [1], b: 1 }]],
  [{ enum: ['a', 1] }, ['a', 1], ['b', '1']],
  [{ enum: [] }, [], ['a']],
  [{ minLength: 2, maxLength: 3 }, ['ab', '🌍🌍🌍', 5], ['a', 'abcd']],
  [{ minimum: 1, exclusiveMaximum: 3 }, [1, 2.9, 'x'], [0, 3]],
  [{ exclusiveMinimum: 1, maximum: 3 }, [1.1, 3], [1, 4]],
  [{ multipleOf: 0.1 }, [0.3, 1, -0.7], [0.25]],
  [{ items: { type: 'string' }, minItems: 1, maxItems: 2 }, [['a'], 5], [[], ['a', 'b', 'c'], [1]]],
  [{ prefixItems: [{ type: 'string' }], items: false }, [['a'], []], [['a', 1], [1]]],
  [{ contains: { type: 'number' }, maxContains: 1 }, [['a', 1]], [['a'], [1, 2]]],
  [
    { uniqueItems: true },
    [[1, '1', { a: 1 }]],
    [
      [
        { a: 1, b: 2 },
        { b: 2, a: 1 },
      ],
    ],
  ],
  [
    { properties: { a: { type: 'string' } }, required: ['b'], additionalProperties: { type: 'number' } },
    [{ b: 1 }, { a: 'x', b: 2, c: 3 }, { a: undefined, b: 1 }, 'x'],
    [{ a: 1, b: 2 }, { b: 'x' }, {}, { b: undefined }],
  ],
  [{ additionalProperties: false, properties: { a: {} } }, [{ a: 1 }, {}], [{ b: 1 }]],
  [{ additionalProperties: false, patternProperties: { '^x': {} } }, [{ xa: 1 }], []],
  [{ minProperties: 1, maxProperties: 1 }, [{ a: 1 }], [{}, { a: 1, b: 2 }]],
  [{ propertyNames: { maxLength: 1 } }, [{ a: 1 }], [{ ab: 1 }]],
  [{ dependentRequired: { a: ['b'] } }, [{ b: 1 }, { a: 1, b: 1 }], [{ a: 1 }]],
  [{ dependentSchemas: { a: { required: ['b'] } } }, [{}, { a: 1, b: 1 }], [{ a: 1 }]],
  [{ anyOf: [{ type: 'string' }, { minimum: 5 }] }, ['x', 5], [4]],
  [{ oneOf: [{ type: 'number' }, { minimum: 5 }] }, [4, 'x'], [5]],
  [{ allOf: [{ minimum: 1 }, { maximum: 2 }] }, [1.5], [0, 3]],
  [{ not: { type: 'string' } }, [1], ['x']],
  [
    JSON.parse('{ "if": { "type": "string" }, "then": { "minLength": 2 }, "else": { "minimum": 2 } }'),
    ['ab', 2],
    ['a', 1],
  ],
  [{ $ref: '#/$defs/a~1b', $defs: { 'a/b': { type: 'string' } } }, ['x'], [1]],
  [
    { properties: { __proto__x: {}, constructor: { type: 'string' } }, required: ['toString'] },
    [{ toString: 1 }],
    [{}, { toString: 1, constructor: 1 }],
  ],
  [false as never, [], []],
].filter(([schema]) => typeof schema === 'object') as never;

describe('a value held against a JSON Schema', () => {
  it.each(CASES)('%j', (schema, fitting, others) => {
    for (const value of fitting) expect(wrong(schema, value), JSON.stringify(value)).toEqual([]);
    for (const value of others) expect(wrong(schema, value), JSON.stringify(value)).not.toEqual([]);
  });

  it('is told each place', () => {
    const schema = {
      type: 'object',
      properties: { list: { items: { type: 'string' } }, more: { const: 1 } },
      required: ['name'],
      additionalProperties: false,
    };
    expect(wrong(schema, { list: ['a', 1, null], more: 2, odd: 1 })).toEqual([
      'name: is missing',
      'list/1: expected string, found number',
      'list/2: expected string, found null',
      'more: expected 1',
      'odd: is unknown',
    ]);
  });

  it('ends for schemas and values that are made not to', () => {
    const started = performance.now();
    const branch = { type: 'array', items: { $ref: '#' } };
    const multiplying = { anyOf: [branch, branch, branch, { const: 1 }] };
    const deep = (depth: number, leaf: unknown): unknown => {
      let value = leaf;
      for (let i = 0; i < depth; i++) value = [value];
      return value;
    };
    expect(wrong(multiplying, deep(40, 2))).toEqual([': it takes more than 1000000 steps to check']);
    expect(wrong(multiplying, deep(40, 1))).toEqual([]);
    expect(wrong({ items: { $ref: '#' } }, deep(100_000, 1))).toEqual([
      ': it is nested more than 1000 levels deep',
    ]);
    expect(wrong({ $ref: '#' }, 1)).not.toEqual([]);
    expect(
      wrong(
        { uniqueItems: true },
        Array.from({ length: 5000 }, (_, i) => i),
      ),
    ).toEqual([': it takes more than 1000000 steps to check']);
    expect(wrong({ pattern: '^(a+)+$', format: 'email' }, `${'a'.repeat(50)}!`)).toEqual([]);
    expect(performance.now() - started).toBeLessThan(20_000);
  });
});
