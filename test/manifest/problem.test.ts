import { expect, test } from 'vitest';
import { describeFound, formatPath, formatProblems, quote } from '../../src/manifest/problem.js';

test.each<[readonly PropertyKey[], string]>([
  [[], ''],
  [['permissions', 'http', 1, 'ports', 0], 'permissions.http[1].ports[0]'],
  [['dependencies', '@acme/x'], 'dependencies["@acme/x"]'],
  [[0, 'a'], '[0].a'],
  [['a.b', 'c"d', 'e\nf'], '["a.b"]["c\\"d"]["e\\nf"]'],
])('the path %j is written %s', (path, text) => {
  expect(formatPath(path)).toBe(text);
});

test.each<[unknown, string]>([
  [undefined, 'nothing'],
  [null, 'null'],
  ['a', '"a"'],
  [Number.NaN, 'NaN'],
  [5n, 'a bigint'],
  [Symbol('a'), 'a symbol'],
  [() => 1, 'a function'],
  [[], 'an empty array'],
  [[1, 2], 'an array of 2'],
  [{ a: 1 }, 'an object'],
])('%o is described as %s', (value, text) => {
  expect(describeFound(value)).toBe(text);
});

test('a quoted text is one printable line, whatever is in it', () => {
  const hostile = 'a\r\n\u001b[31m\u0085\u200b\u202e\u2066\u2028\ufeff\u007f"\\';
  const quoted = quote(hostile);
  expect(quoted).toBe('"a\\r\\n\\u001b[31m\\u0085\\u200b\\u202e\\u2066\\u2028\\ufeff\\u007f\\"\\\\"');
  expect(JSON.parse(quoted)).toBe(hostile);
});

test('a long text is cut, and its length told', () => {
  expect(quote('x'.repeat(60))).toBe(`"${'x'.repeat(60)}"`);
  expect(quote('x'.repeat(61))).toBe(`"${'x'.repeat(60)}…" (61 characters)`);
  expect(quote(`${'x'.repeat(59)}😀😀`)).toMatch(/^"x{59}\\ud83d…" \(63 characters\)$/);
});

test('credentials and private keys are not repeated', () => {
  expect(quote('https://user:secret@example.com/')).toBe('"https://…@example.com/"');
  expect(quote('-----BEGIN PRIVATE KEY-----\nabc')).toBe('a private key');
});

test('fifty problems are listed and the rest is counted', () => {
  const problems = Array.from({ length: 53 }, (_, i) => ({
    path: `a[${i}]`,
    found: '1',
    expected: 'a text',
  }));
  const lines = formatProblems('It has', problems).split('\n');
  expect(lines[0]).toBe('It has 53 problems:');
  expect(lines).toHaveLength(52);
  expect(lines.at(-1)).toBe('  and 3 more');
});
