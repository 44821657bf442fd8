import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readJson } from '../../src/manifest/json-text.js';

function parse(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

/** Whether the reader and JSON.parse say the same of a text; a key that is there twice and a byte order mark are the
 * differences. */
function agrees(text: string): boolean {
  const expected = parse(text.replace(/^\ufeff/, ''));
  const result = readJson(text, { maxDepth: 1000, maxValues: 1e6 });
  if (!result.ok) return expected === undefined || result.problem.expected === 'each key once';
  return expected !== undefined && isDeepStrictEqual(result.value, expected.value);
}

test('every JSON text is read as JSON.parse reads it', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom(undefined, 0, 2, '\t'), (value, indent) =>
      agrees(JSON.stringify(value, null, indent)),
    ),
  );
});

test('a JSON text with one character changed is accepted exactly where JSON.parse accepts it', () => {
  const character = fc.constantFrom(
    ...'{}[]",:\\/untrfalse0123456789.+-eE \t\n\r\u0000\u00a0\u2028\ufeff\ud800é',
  );
  fc.assert(
    fc.property(fc.jsonValue(), fc.nat(), fc.nat(1), character, (value, at, removed, inserted) => {
      const text = JSON.stringify(value);
      const position = at % (text.length + 1);
      return agrees(text.slice(0, position) + inserted + text.slice(position + removed));
    }),
    { numRuns: 3000 },
  );
});

test.each([
  '',
  ' ',
  '-',
  '01',
  '1.',
  '.5',
  '1e',
  '+1',
  'NaN',
  'nul',
  'nulll',
  '"',
  '"\\',
  '"\\u12',
  '[',
  '[1',
  '[,',
  '{"a"',
  '{"a":',
  '{,',
  '\v1',
])('the text %j is refused as JSON.parse refuses it', (text) => {
  expect(parse(text)).toBeUndefined();
  expect(readJson(text, { maxDepth: 10, maxValues: 1000 }).ok).toBe(false);
});

test('places are lines and columns from 1, whatever ends a line', () => {
  const text = '{\r\n "a": [\n  1,\r  {"b": true}\n ],\n "ü😀": 0, "c": {}\n}';
  const json = readJson(text, { maxDepth: 10, maxValues: 1000 });
  if (!json.ok) throw new Error(json.problem.expected);
  expect(json.positionOf([])).toEqual({ line: 1, column: 1 });
  expect(json.positionOf(['a'])).toEqual({ line: 2, column: 2 });
  expect(json.positionOf(['a', 0])).toEqual({ line: 3, column: 3 });
  expect(json.positionOf(['a', 1, 'b'])).toEqual({ line: 4, column: 4 });
  expect(json.positionOf(['c'])).toEqual({ line: 6, column: 12 });
});

test('what does not exist is placed at the nearest thing around it', () => {
  const json = readJson('{\n  "a": {}\n}', { maxDepth: 10, maxValues: 1000 });
  if (!json.ok) throw new Error(json.problem.expected);
  expect(json.positionOf(['a', 'b', 'c'])).toEqual({ line: 2, column: 3 });
  expect(json.positionOf(['a', 'constructor', 'name'])).toEqual({ line: 2, column: 3 });
  expect(json.positionOf(['x'])).toEqual({ line: 1, column: 1 });
});

test('nesting is refused beyond the limit, however deep it goes', () => {
  expect(readJson('[[[]]]', { maxDepth: 3, maxValues: 1000 }).ok).toBe(true);
  expect(readJson('[[[[]]]]', { maxDepth: 3, maxValues: 1000 }).ok).toBe(false);
  expect(readJson('['.repeat(500_000), { maxDepth: 32, maxValues: 1000 })).toMatchObject({
    problem: { found: 'deeper nesting', expected: 'at most 32 levels', line: 1, column: 33 },
  });
});

test('values are refused beyond the limit, before the rest is read', () => {
  expect(readJson('[1,{"a":2}]', { maxDepth: 3, maxValues: 4 }).ok).toBe(true);
  expect(readJson('[1,{"a":2}]', { maxDepth: 3, maxValues: 3 })).toMatchObject({
    problem: { path: '[1].a', found: 'more', expected: 'at most 3 values in all' },
  });
  expect(readJson('[1,2,3,x', { maxDepth: 3, maxValues: 3 })).toMatchObject({ problem: { found: 'more' } });
});

test('a key __proto__ is an own property and sets no prototype', () => {
  const json = readJson('{"__proto__": {"polluted": true}}', { maxDepth: 10, maxValues: 1000 });
  if (!json.ok) throw new Error(json.problem.expected);
  expect(Object.keys(json.value as object)).toEqual(['__proto__']);
  expect(Object.getPrototypeOf(json.value)).toBe(Object.prototype);
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
});
