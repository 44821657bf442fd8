import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { loadPlugin } from 'cordon/testing';

const path = fileURLToPath(new URL('plugin.json', import.meta.url));

const page =
  '<html><head><title>Old</title><meta property="og:title" content="Caf\u00e9 &amp; more"></head></html>';

test('reads what a page says of itself', async (t) => {
  const plugin = await loadPlugin(path, {
    http: {
      'GET https://example.org/': { headers: { 'content-type': 'text/html; charset=utf-8' }, body: page },
    },
  });
  t.after(() => plugin.close());
  const preview = await plugin.call('preview', 'https://example.org/');
  assert.deepEqual(preview.json(), {
    url: 'https://example.org/',
    title: 'Café & more',
    description: null,
    image: null,
  });
  assert.equal(preview.httpRequests.length, 1);
});

test('tells what went wrong', async (t) => {
  const plugin = await loadPlugin(path, {
    http: {
      'https://gone.example/': { status: 404, body: '' },
      'https://down.example/': { failure: 'ECONNREFUSED' },
    },
  });
  t.after(() => plugin.close());
  for (const url of ['https://gone.example/', 'https://down.example/', 'no URL']) {
    assert.equal((await plugin.call('preview', url)).error?.code, 'ERR_GUEST', url);
  }
});
