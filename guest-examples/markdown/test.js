import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { loadPlugin } from 'cordon/testing';

const path = fileURLToPath(new URL('plugin.json', import.meta.url));

// (module (func (export "highlight") (result i32) (i32.const 1))): a highlighter that always fails.
const broken = Buffer.from(
  '0061736d010000000105016000017f03020100070d0109686967686c6967687400000a0601040041010b',
  'hex',
);
const highlight = {
  manifest: { manifestVersion: 1, name: '@acme/highlight', version: '2.0.0' },
  wasm: new Uint8Array(broken),
};

test('renders Markdown, and lists headings', async (t) => {
  const plugin = await loadPlugin(path, { catalog: [highlight] });
  t.after(() => plugin.close());
  const render = async (text) => (await plugin.call('render', text)).text();
  assert.equal(await render('# Hello *World*'), '<h1 id="hello-world">Hello <em>World</em></h1>\n');
  assert.equal(await render('<script>'), '<p>&lt;script&gt;</p>\n');
  assert.deepEqual((await plugin.call('outline', '# One\n## Two')).json(), [
    { level: 1, text: 'One', id: 'one' },
    { level: 2, text: 'Two', id: 'two' },
  ]);
});

test('escapes code where it cannot be painted', async (t) => {
  const plugin = await loadPlugin(path, { catalog: [highlight] });
  t.after(() => plugin.close());
  const html = (await plugin.call('render', '```js\na < b\n```')).text();
  assert.match(html, /a &lt; b/);
});
