import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createHost } from 'cordon';

const plugin = fileURLToPath(new URL('plugin.json', import.meta.url));

test('greets by name', async () => {
  const host = await createHost();
  try {
    const minimal = await host.load(plugin);
    assert.equal((await minimal.call('hello', 'Zoë')).text(), 'Hello, Zoë!');
    assert.equal((await minimal.call('hello', '')).text(), 'Hello, !');
  } finally {
    await host.close();
  }
});
