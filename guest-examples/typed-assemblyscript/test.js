import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createHost, defineHostFunction } from 'cordon';

const plugin = fileURLToPath(new URL('plugin.json', import.meta.url));

test('does what its README says', async () => {
  const told = [];
  const host = await createHost({
    hostFunctions: {
      find_note: defineHostFunction({ params: ['json', 'i32'], result: 'json' }, ({ id }) =>
        id === 'n1' ? { title: 'Coffee', rank: 2 } : null,
      ),
      add_up: defineHostFunction({ params: ['i64', 'i64'], result: 'i64' }, (a, b) => a + b),
      tell: defineHostFunction({ params: ['text', 'bytes'] }, (text) => void told.push(text)),
    },
    grants: { '*': { hostFunctions: ['find_note', 'add_up', 'tell'] } },
  });
  try {
    const typed = await host.load(plugin);
    const note = {
      title: 'a',
      kind: 'to-do',
      tags: ['x'],
      parts: [{ title: 'b', kind: 'note', tags: ['x'] }],
    };
    assert.deepEqual((await typed.call('summarize', note)).json(), {
      titles: ['a', 'b'],
      open: 1,
      sizes: 0,
      byTag: { x: 2 },
      highest: null,
      kind: 'to-do',
      first: { title: 'b' },
    });
    assert.equal((await typed.call('title_of', 'n1')).text(), 'Coffee #2');
    await assert.rejects(typed.call('title_of', 'n2'), { code: 'ERR_GUEST', message: /there is no note n2/ });
    assert.equal((await typed.call('shout', 'né')).text(), 'NÉ');
    assert.deepEqual(told, ['né']);
    assert.deepEqual((await typed.call('reverse', Uint8Array.of(1, 2))).bytes(), Uint8Array.of(2, 1));
    assert.equal((await typed.call('next_kind', 'note')).text(), 'to-do');
    assert.deepEqual((await typed.call('swap', [1, null])).json(), [null, 1]);
    assert.equal((await typed.call('add', [1, 2])).json(), 3);
    await assert.rejects(typed.call('add', ['one']), { code: 'ERR_GUEST', message: /contract/ });
    await assert.rejects(typed.call('refuse', 'abc'), { code: 'ERR_GUEST', message: /refused 3 bytes/ });
  } finally {
    await host.close();
  }
});
