import { EventEmitter } from 'node:events';
import { type FSWatcher, mkdirSync, watch as nodeWatch, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { FolderWatches } from '../../src/reload/folder-watches.js';
import { temporaryFolder } from '../host/plugin-folder.js';

interface Setup {
  readonly watch?: typeof nodeWatch;
  readonly pollAll?: boolean;
}

function open({ watch = nodeWatch, pollAll = false }: Setup = {}) {
  const watches = new FolderWatches({ pollMs: 10, pollAll, watch });
  let told = 0;
  let waiting: (() => void)[] = [];
  const listener = () => {
    told++;
    for (const resolve of waiting) resolve();
    waiting = [];
  };
  return {
    watches,
    follow: (folder: string) => {
      const stop = watches.follow(folder, listener);
      onTestFinished(stop);
      return stop;
    },
    told: () => told,
    next: () => new Promise<void>((resolve) => waiting.push(resolve)),
  };
}

const refusing = (code: string) =>
  (() => {
    throw Object.assign(new Error(code), { code });
  }) as unknown as typeof nodeWatch;

describe('a folder that is followed', () => {
  it('tells of a file in it', async () => {
    const folder = temporaryFolder();
    const { watches, follow, next } = open();
    follow(folder);
    const told = next();
    writeFileSync(join(folder, 'a'), '1');
    await told;
    expect(watches.isWatched(folder)).toBe(true);
  });

  it('is watched once, whoever asks, and not at all when nobody asks any more', () => {
    const folder = temporaryFolder();
    const { watches, follow } = open();
    const stops = [follow(folder), follow(folder), follow(folder)];
    expect(watches.size).toBe(2); // and the one above
    for (const stop of [...stops, ...stops]) stop();
    expect(watches.size).toBe(0);
  });

  it.each(['ENOSPC', 'EMFILE'])('is asked again and again where watching fails with %s', async (code) => {
    const folder = temporaryFolder();
    const { watches, follow, next } = open({ watch: refusing(code) });
    follow(folder);
    await next();
    await next();
    expect(watches.isWatched(folder)).toBe(false);
  });

  it('is asked again and again where a watch breaks, until there is one again', async () => {
    const folder = temporaryFolder();
    const broken: FSWatcher[] = [];
    let whole = false;
    const watch = ((...args: Parameters<typeof nodeWatch>) => {
      if (whole) return nodeWatch(...args);
      const watcher = Object.assign(new EventEmitter(), { close: () => {} }) as unknown as FSWatcher;
      broken.push(watcher);
      return watcher;
    }) as typeof nodeWatch;
    const { watches, follow, next } = open({ watch });
    follow(folder);
    expect(watches.isWatched(folder)).toBe(true);
    const told = next();
    whole = true;
    for (const watcher of broken) watcher.emit('error', new Error('the file system has gone'));
    expect(watches.isWatched(folder)).toBe(false);
    await told;
    while (!watches.isWatched(folder)) await next();
    const again = next();
    writeFileSync(join(folder, 'a'), '1');
    await again;
  });

  it('that is not there yet tells when it comes', async () => {
    const above = temporaryFolder();
    const folder = join(above, 'later', 'deep');
    const { watches, follow, next } = open();
    follow(folder);
    expect(watches.isWatched(folder)).toBe(false);
    mkdirSync(folder, { recursive: true });
    while (!watches.isWatched(folder)) await next();
    const told = next();
    writeFileSync(join(folder, 'a'), '1');
    await told;
  });

  it('that is replaced is watched in its new place', async () => {
    const above = temporaryFolder();
    const folder = join(above, 'own');
    mkdirSync(folder);
    mkdirSync(join(above, 'new'));
    const { follow, next } = open();
    follow(folder);
    const told = next();
    renameSync(folder, join(above, 'old'));
    renameSync(join(above, 'new'), folder);
    await told;
    rmSync(join(above, 'old'), { recursive: true });
    const again = next();
    writeFileSync(join(folder, 'a'), '1');
    await again;
  });

  it('is asked whatever is told, where everything is to be polled', async () => {
    const { follow, next, watches } = open({ pollAll: true });
    const folder = temporaryFolder();
    follow(folder);
    await next();
    await next();
    expect(watches.isWatched(folder)).toBe(true);
  });
});
