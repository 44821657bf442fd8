import { expect, test } from 'vitest';
import { outermost } from '../../../src/sandbox/process/spawn-child.js';

test('a folder that is named twice, or lies in another, is named once', () => {
  expect(
    outermost(['/app/', '/app/node_modules/@extism/', '/app/', '/node_modules/@extism/', '/application/']),
  ).toEqual(['/app/', '/node_modules/@extism/', '/application/']);
});
