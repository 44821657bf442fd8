import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { loadPlugin } from 'cordon/testing';

const path = fileURLToPath(new URL('plugin.json', import.meta.url));

test('counts vowels, and all so far', async (t) => {
  const plugin = await loadPlugin(path);
  t.after(() => plugin.close());
  const count = async (text) => (await plugin.call('count_vowels', text)).json();
  assert.deepEqual(await count('Hello'), { count: 2, total: 2, vowels: 'aeiouAEIOU' });
  assert.deepEqual(await count('World'), { count: 1, total: 3, vowels: 'aeiouAEIOU' });
  await plugin.call('reset');
  assert.equal((await count('né')).total, 0);
});

test('counts what its config calls vowels, and refuses an empty one', async (t) => {
  const finnish = await loadPlugin(path, { config: { vowels: 'äö' } });
  t.after(() => finnish.close());
  assert.equal((await finnish.call('count_vowels', 'yötä')).json().count, 2);
  const none = await loadPlugin(path, { config: { vowels: '' } });
  t.after(() => none.close());
  assert.equal((await none.call('count_vowels', 'a')).error?.code, 'ERR_GUEST');
});
