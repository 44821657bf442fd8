import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createHost } from 'cordon';

// The plugin in the same sandbox that its hosts have; it is granted nothing. Build it first: npm run build
let host;
let plugin;

before(async () => {
  host = await createHost();
  plugin = await host.load(new URL('../plugin.json', import.meta.url));
});
after(() => host?.close());

test('greets by name', async () => {
  assert.equal((await plugin.call('hello', 'Ada')).text(), 'Hello, Ada!');
});

test('greets in every script, and whoever has no name', async () => {
  assert.equal((await plugin.call('hello', 'Đặng 👋')).text(), 'Hello, Đặng 👋!');
  assert.equal((await plugin.call('hello')).text(), 'Hello, !');
});
