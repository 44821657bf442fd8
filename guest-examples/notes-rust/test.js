import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createHost } from 'cordon';

const plugin = fileURLToPath(new URL('plugin.json', import.meta.url));

test('does what its README says', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'notes-'));
  writeFileSync(join(folder, 'a.txt'), 'tea');
  const fs = { read: { '/notes': folder }, write: { '/found': folder } };
  const manifest = { ...JSON.parse(readFileSync(plugin, 'utf8')), permissions: { fs } };
  const wasm = readFileSync(new URL('notes-rust.wasm', import.meta.url));
  const host = await createHost({ grants: { '*': { fs } } });
  try {
    const notes = await host.load({ manifest, wasm });
    assert.equal((await notes.call('search', 'tea')).text(), 'a.txt');
    await assert.rejects(notes.call('show', 'none.txt'), { code: 'ERR_GUEST' });
  } finally {
    await host.close();
    rmSync(folder, { recursive: true });
  }
});
