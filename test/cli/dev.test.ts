import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fn, guest } from '../fixtures/guests/guest.js';
import { temporaryFolder, writePlugin } from '../host/plugin-folder.js';
import { typed } from './in-process.js';
import { started } from './started.js';

const say = (text: string) =>
  guest((put) => fn('say', `(call $output_set ${put(text)} (i64.const ${text.length}))`));

describe('cordon dev', () => {
  it('builds, loads and calls at every change, and outlives what is wrong', async () => {
    const folder = temporaryFolder();
    writePlugin(folder, say('nothing'), { name: 'lab' });
    // A build that copies the module that the source names.
    writeFileSync(join(folder, 'one.bin'), say('first'));
    writeFileSync(join(folder, 'two.bin'), say('other'));
    writeFileSync(join(folder, 'source.txt'), 'one.bin');
    const copy = `const { copyFileSync, readFileSync } = require('node:fs'); copyFileSync(readFileSync('source.txt', 'utf8'), 'plugin.wasm');`;
    writeFileSync(join(folder, 'build.cjs'), copy);
    const scripts = { build: `"${process.execPath}" build.cjs` };
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ scripts }));
    const { child, prints, text } = started(['dev', '.', '--call', 'say'], folder);
    await prints('; ^C ends');
    expect(text()).toMatch(/built.*lab@1\.0\.0 loading → ready/s);
    await prints('first\n');
    writeFileSync(join(folder, 'source.txt'), 'none.bin');
    await prints('the build failed');
    writeFileSync(join(folder, 'source.txt'), 'two.bin');
    await prints('other\n');
    expect(text()).toMatch(/say: [\d.]+ ms/);
    child.kill('SIGINT');
    expect(await once(child, 'exit')).toEqual([130, null]);
  });

  it.skipIf(process.platform === 'win32')(
    'ends at once by a second signal, where the build does not stop',
    async () => {
      const folder = temporaryFolder();
      writePlugin(folder, say('nothing'), { name: 'lab' });
      const stubborn = `process.on('SIGTERM', () => console.log('not yet')); console.log('at work'); setInterval(() => {}, 1000);`;
      writeFileSync(join(folder, 'build.cjs'), stubborn);
      const { child, prints } = started(
        ['dev', '.', '--build', `exec "${process.execPath}" build.cjs`],
        folder,
      );
      await prints('at work');
      child.kill('SIGINT');
      await prints('not yet');
      expect(child.exitCode).toBe(null);
      child.kill('SIGINT');
      expect(await once(child, 'exit')).toEqual([130, null]);
    },
  );

  it('waits for a manifest that can be read', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'plugin.json'), '{');
    const { child, prints } = started(['dev', '.', '--call', 'say'], folder);
    await prints('ERR_MANIFEST');
    await prints('; ^C ends');
    writePlugin(folder, say('here I am'), { name: 'lab' });
    await prints('here I am');
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([143, null]);
  });
});

describe('cordon completion', () => {
  it.each(['bash', 'zsh', 'fish'])(
    'knows every command and option in %s, in a script that the shell takes',
    async (shell) => {
      const { code, out } = await typed(['completion', shell]);
      expect(code).toBe(0);
      for (const word of ['inspect', 'completion', 'grant-all', 'passphrase-env'])
        expect(out).toContain(word);
      const read = spawnSync(shell, ['-n'], { input: out, encoding: 'utf8' });
      // Not every machine has every shell.
      if (!read.error)
        expect({ status: read.status, stderr: read.stderr }).toEqual({ status: 0, stderr: '' });
    },
  );

  it('refuses other shells', async () => {
    const { code, err } = await typed(['completion', 'ksh']);
    expect(code).toBe(2);
    expect(err).toContain('Allowed choices are bash, zsh, fish');
  });
});
