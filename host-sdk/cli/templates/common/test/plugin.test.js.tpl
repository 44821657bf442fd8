import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { loadPlugin } from 'cordon/testing';

// The plugin in the same sandbox that its hosts have, with mocks for what is outside. Build it first: npm run build
let plugin;

before(async () => {
  plugin = await loadPlugin(new URL('../plugin.json', import.meta.url));
});
after(() => plugin?.close());

test('greets by name', async () => {
  const call = await plugin.call('hello', 'Ada');
  assert.equal(call.text(), 'Hello, Ada!');
  assert.deepEqual(call.violations, []);
});

test('greets in every script, and whoever has no name', async () => {
  assert.equal((await plugin.call('hello', 'Đặng 👋')).text(), 'Hello, Đặng 👋!');
  assert.equal((await plugin.call('hello')).text(), 'Hello, !');
});
