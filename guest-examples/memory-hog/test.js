import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { loadPlugin } from 'cordon/testing';

const path = fileURLToPath(new URL('plugin.json', import.meta.url));

test('is stopped by its limit, of both kinds of memory, and is there again', async (t) => {
  const plugin = await loadPlugin(path, { limits: { memoryBytes: '8MiB' } });
  t.after(() => plugin.close());
  for (const fn of ['grow', 'alloc']) {
    const call = await plugin.call(fn);
    assert.equal(call.error?.code, 'ERR_MEMORY', fn);
    assert.ok(call.violations.some(({ kind }) => kind === 'memory'));
  }
  assert.equal((await plugin.call('ping')).text(), 'pong');
});
