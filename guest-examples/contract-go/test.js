import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createHost, defineHostFunction } from 'cordon';

const plugin = fileURLToPath(new URL('plugin.json', import.meta.url));

test('does what its README says', async () => {
  const host = await createHost({
    hostFunctions: {
      lookup: defineHostFunction({ params: ['text'], result: 'text' }, (key) => `no ${key} here`),
    },
    grants: { '*': { hostFunctions: ['lookup'] } },
  });
  try {
    const contract = await host.load(plugin);
    const text = async (fn, input) => (await contract.call(fn, input)).text();
    assert.equal(await text('echo', 'as it is'), 'as it is');
    assert.equal(await text('count_chars', 'né 🌍'), '4');
    assert.equal(await text('greet', 'World'), 'Hello, World!');
    assert.equal(await text('count_calls'), '1');
    assert.equal(await text('count_calls'), '2');
    assert.equal(await text('look_up', 'coffee'), 'no coffee here');
    await assert.rejects(contract.call('refuse', 'that'), { code: 'ERR_GUEST', message: /refused: that/ });
    await assert.rejects(contract.call('crash'), { code: 'ERR_TRAP' });
    assert.equal(await text('echo', 'back again'), 'back again');
  } finally {
    await host.close();
  }
});
