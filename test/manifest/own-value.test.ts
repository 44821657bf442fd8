import { expect, test } from 'vitest';
import { ownValue } from '../../src/manifest/own-value.js';

test('a record has what was written into it', () => {
  expect(ownValue({ a: 1 }, 'a')).toBe(1);
  expect(ownValue(JSON.parse('{"__proto__":"1"}'), '__proto__')).toBe('1');
});

test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])('it has no %s of its own', (name) => {
  expect(ownValue({}, name)).toBeUndefined();
});

test('no record has nothing', () => {
  expect(ownValue(undefined, 'a')).toBeUndefined();
});
