import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { loadPlugin } from 'cordon/testing';

const path = fileURLToPath(new URL('plugin.json', import.meta.url));

test('is stopped by its deadline, its fuel and its stack, and is there again', async (t) => {
  const plugin = await loadPlugin(path, { limits: { timeoutMs: 100 } });
  t.after(() => plugin.close());
  assert.equal((await plugin.call('spin')).error?.code, 'ERR_TIMEOUT');
  assert.equal((await plugin.call('spin_bulk')).error?.code, 'ERR_TIMEOUT');
  assert.equal((await plugin.call('spin', undefined, { fuel: 100_000 })).error?.code, 'ERR_FUEL');
  assert.equal((await plugin.call('recurse')).error?.code, 'ERR_STACK');
  assert.equal((await plugin.call('ping')).text(), 'pong');
});
