import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { loadPlugin } from 'cordon/testing';

const path = fileURLToPath(new URL('plugin.json', import.meta.url));

test('paints code, and escapes what it does not know', async (t) => {
  const plugin = await loadPlugin(path);
  t.after(() => plugin.close());
  const paint = async (input) => (await plugin.call('highlight', input)).text();
  assert.equal(
    await paint({ lang: 'js', code: 'let a = 1;' }),
    '<span class="hl-keyword">let</span> a = <span class="hl-number">1</span>;',
  );
  assert.equal(await paint({ lang: 'klingon', code: '<a> & b' }), '&lt;a&gt; &amp; b');
  assert.ok((await plugin.call('languages')).json().some(([name]) => name === 'rust'));
});

test('refuses what is no JSON, and goes on', async (t) => {
  const plugin = await loadPlugin(path);
  t.after(() => plugin.close());
  assert.equal((await plugin.call('highlight', 'no JSON')).error?.code, 'ERR_GUEST');
  assert.equal((await plugin.call('highlight', { lang: 'json', code: '' })).text(), '');
});
