import { expect, test } from 'vitest';
import { SummaryCache } from '../../src/cache/summary-cache.js';
import { wat } from '../wasm/wat.js';

const artifact = (text: string, sha256: string) => ({ sha256, bytes: wat(`(module ${text})`) });

test('a module that was read before is not read again, and the oldest of many are forgotten', () => {
  const cache = new SummaryCache();
  const first = artifact('(memory (export "memory") 1)', 'first');
  const summary = cache.get(first);
  expect(summary.exports).toEqual([expect.objectContaining({ name: 'memory' })]);
  expect(cache.get({ sha256: 'first', bytes: new Uint8Array() })).toBe(summary);
  for (let i = 0; i < 63; i++) cache.get(artifact('', `other ${i}`));
  expect(cache.get(first)).toBe(summary);
  for (let i = 0; i < 64; i++) cache.get(artifact('', `another ${i}`));
  expect(cache.get(first)).not.toBe(summary);
});

test('what is no module is refused each time, and a summary of thousands of items is not kept', () => {
  const cache = new SummaryCache();
  const broken = { sha256: 'broken', bytes: new Uint8Array([1, 2, 3]) };
  for (let i = 0; i < 2; i++) {
    expect(() => cache.get(broken)).toThrow(expect.objectContaining({ code: 'ERR_BYTECODE' }));
  }
  const many = artifact(Array.from({ length: 1001 }, (_, i) => `(func (export "f${i}"))`).join(' '), 'many');
  expect(cache.get(many)).not.toBe(cache.get(many));
});
