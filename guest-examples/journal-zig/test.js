import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createHost } from 'cordon';

const plugin = fileURLToPath(new URL('plugin.json', import.meta.url));

test('does what its README says', async () => {
  const host = await createHost();
  try {
    const journal = await host.load(plugin);
    assert.equal((await journal.call('write', 'monday')).text(), '1 in all, 1 since the start');
    assert.equal((await journal.call('read')).text(), 'monday\n');
    await assert.rejects(journal.call('write', ''), { code: 'ERR_GUEST', message: /EmptyEntry/ });
  } finally {
    await host.close();
  }
});
