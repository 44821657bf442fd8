import { join } from 'node:path';
import type { Host } from 'cordon';
import { describe, expect, it } from 'vitest';
import { fn, guest } from '../fixtures/guests/guest.js';
import { caller, ECHO } from '../fixtures/guests/guests.js';
import { openHost } from './open-host.js';
import { temporaryFolder, writePlugin } from './plugin-folder.js';

/** A guest that says this, whatever it is asked. */
const says = (word: string) => guest((text) => `${ECHO} ${fn('say', `(call $reply ${text(word)})`)}`);

const RELOADS = 50;
const CALLERS = 12;
const versionOf = (n: number) => `1.0.${n}`;

/** Reloads `plugin` to ever new versions while `call` is called without a pause; each call has to be answered. */
async function reloadUnderLoad(
  host: Host,
  folder: string,
  plugin: string,
  call: () => Promise<string>,
  manifest = {},
) {
  const answers: string[] = [];
  let going = true;
  let expected = 0;
  const callers = Array.from({ length: CALLERS }, async () => {
    while (going) {
      const from = expected;
      const answer = await call();
      answers.push(answer);
      // Never from a version that was replaced before the call was made.
      expect(Number(answer.split('.')[2])).toBeGreaterThanOrEqual(from);
    }
  });
  for (let n = 1; n <= RELOADS; n++) {
    writePlugin(join(folder, plugin), says(versionOf(n)), {
      name: plugin,
      version: versionOf(n),
      ...manifest,
    });
    await host.reload(plugin);
    expected = n;
    expect(await call()).toBe(versionOf(n));
  }
  going = false;
  await Promise.all(callers);
  return answers;
}

describe('fifty reloads under calls without a pause', () => {
  it.each([
    ['of a stateful plugin', {}],
    ['of a plugin with a pool', { instance: { pool: 3 } }],
    ['of a plugin with an instance for each call', { instance: 'per-call' }],
    ['of a plugin that is started by its first call', { activation: 'call' }],
  ])('%s lose no call and answer none from an old version', async (_, manifest) => {
    const folder = temporaryFolder();
    writePlugin(join(folder, 'p'), says(versionOf(0)), { name: 'p', ...manifest, version: versionOf(0) });
    const host = await openHost({ catalog: [folder] });
    const p = await host.load('p');
    const answers = await reloadUnderLoad(
      host,
      folder,
      'p',
      async () => (await p.call('say')).text(),
      manifest,
    );
    const { calls, errors } = host.stats();
    expect({ calls, errors }).toEqual({ calls: answers.length + RELOADS, errors: 0 });
    expect(host.list()).toHaveLength(1);
  });

  it('of a dependency lose no call that goes through a dependent', async () => {
    const folder = temporaryFolder();
    writePlugin(join(folder, 'base'), says(versionOf(0)), { name: 'base', version: versionOf(0) });
    writePlugin(join(folder, 'top'), caller({ go: ['base', 'say'] }), {
      name: 'top',
      dependencies: { base: '^1' },
    });
    const host = await openHost({ catalog: [folder] });
    const top = await host.load('top');
    await reloadUnderLoad(host, folder, 'base', async () => (await top.call('go')).text());
    expect(host.stats().errors).toBe(0);
  });
});
