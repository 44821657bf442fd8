import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { FolderWatches } from '../../src/reload/folder-watches.js';
import { type Look, PluginWatch } from '../../src/reload/plugin-watch.js';
import { temporaryFolder } from '../host/plugin-folder.js';

it('a change that comes while the files are looked at, and are what is loaded, is not missed', async () => {
  const file = join(temporaryFolder(), 'plugin.json');
  writeFileSync(file, 'first');
  let told = () => {};
  const folders = {
    follow: (_: string, listener: () => void) => {
      told = listener;
      return () => {};
    },
  } as unknown as FolderWatches;
  const key = () => readFileSync(file, 'utf8');
  let looks = 0;
  const changed = new Promise<Look>((resolve) => {
    const watch = new PluginWatch({
      ...{ folders, debounceMs: 10, files: [file], loaded: 'first' },
      look: async () => {
        const look = { key: key(), files: [file], version: '1.0.0', modules: {} };
        // Just after it was read, and before anything else is looked at.
        if (++looks === 1) {
          writeFileSync(file, 'second');
          told();
        }
        return look;
      },
      isLoaded: () => false,
      onChanged: async (look) => resolve(look),
      onProblem: (_, problem) => {
        throw problem;
      },
    });
    onTestFinished(() => watch.close());
  });
  expect((await changed).key).toBe('second');
});
