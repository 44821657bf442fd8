import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createHost } from 'cordon';

const plugin = fileURLToPath(new URL('plugin.json', import.meta.url));

test('does what its README says', async () => {
  const host = await createHost({ grants: { '*': { plugins: ['@acme/contract-wat'] } } });
  try {
    const relay = await host.load(plugin);
    for (let i = 0; i < 3; i++) assert.equal((await relay.call('count')).text(), '1');
  } finally {
    await host.close();
  }
});
