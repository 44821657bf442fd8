import { type FSWatcher, watch as fsWatch, statSync } from 'node:fs';
import { basename, dirname } from 'node:path';

/** Something in the folder, of this name, may have changed; `null` where nobody can say what. */
export type FolderListener = (file: string | null) => void;

export interface FolderWatchesOptions {
  /** How often folders that cannot be watched are asked about, in milliseconds. */
  readonly pollMs: number;
  /** Polls every folder, watched or not: for file systems that tell nothing, such as network mounts. */
  readonly pollAll: boolean;
  /** Default: that of `node:fs`. */
  readonly watch?: typeof fsWatch;
}

interface Folder {
  readonly path: string;
  readonly listeners: Set<FolderListener>;
  watcher: FSWatcher | undefined;
  /** Which folder is behind the path: it may be deleted and made anew, or be a link that is turned. */
  identity: string | undefined;
}

/**
 * Tells when something in a folder may have changed: by the operating system, and where that refuses (`ENOSPC`, `EMFILE`, a
 * folder that is not there yet) by asking again and again. It tells too often rather than too seldom. Each folder is watched
 * once, whoever asks. Nothing here keeps the process alive.
 */
export class FolderWatches {
  readonly #options: FolderWatchesOptions;
  readonly #folders = new Map<string, Folder>();
  #poll: NodeJS.Timeout | undefined;

  constructor(options: FolderWatchesOptions) {
    this.#options = options;
  }

  /** How many folders are watched or asked about. */
  get size(): number {
    return this.#folders.size;
  }

  /** Whether the operating system watches this folder. */
  isWatched(path: string): boolean {
    return this.#folders.get(path)?.watcher !== undefined;
  }

  /** Follows a folder, and its entry in the folder above: by that is seen that it is deleted, made anew or replaced. */
  follow(path: string, listener: FolderListener): () => void {
    const name = basename(path);
    const above: FolderListener = (file) => {
      if (file !== null && file !== name) return;
      this.#verify(path);
      listener(null);
    };
    const stops = [this.#listen(path, listener), this.#listen(dirname(path), above)];
    return () => {
      for (const stop of stops) stop();
    };
  }

  #listen(path: string, given: FolderListener): () => void {
    // The same function may follow twice: each has an entry of its own.
    const listener: FolderListener = (file) => given(file);
    let folder = this.#folders.get(path);
    if (!folder) {
      folder = { path, listeners: new Set(), watcher: undefined, identity: undefined };
      this.#folders.set(path, folder);
      this.#open(folder);
    }
    folder.listeners.add(listener);
    return () => {
      folder.listeners.delete(listener);
      if (folder.listeners.size > 0 || this.#folders.get(path) !== folder) return;
      folder.watcher?.close();
      this.#folders.delete(path);
      this.#schedule();
    };
  }

  #open(folder: Folder): void {
    folder.watcher?.close();
    folder.watcher = undefined;
    folder.identity = identityOf(folder.path);
    try {
      const { watch = fsWatch } = this.#options;
      const own = basename(folder.path);
      const watcher = watch(folder.path, { persistent: false }, (type, file) => {
        if (folder.watcher !== watcher) return;
        // What happens to the folder itself is told under its own name.
        if (type === 'rename' && (file === null || file === own)) this.#verify(folder.path);
        tell(folder, file);
      });
      folder.watcher = watcher;
      watcher.on('error', () => {
        watcher.close();
        if (folder.watcher !== watcher) return;
        folder.watcher = undefined;
        this.#schedule();
        tell(folder, null);
      });
      // Replaced between the two: the watch may be on either.
      if (identityOf(folder.path) !== folder.identity) folder.identity = undefined;
    } catch {
      // Not there, or no more watches to be had: it is polled until it can be watched.
    }
    this.#schedule();
  }

  /** Watches what is behind the path now, if that is not what was there before. */
  #verify(path: string): void {
    const folder = this.#folders.get(path);
    if (!folder) return;
    const identity = identityOf(path);
    if (identity === undefined && folder.identity === undefined && folder.watcher === undefined) return;
    if (identity !== folder.identity || identity === undefined) this.#open(folder);
  }

  #schedule(): void {
    const needed =
      this.#folders.size > 0 &&
      (this.#options.pollAll ||
        [...this.#folders.values()].some(({ watcher, identity }) => !watcher || !identity));
    if (needed === (this.#poll !== undefined)) return;
    clearInterval(this.#poll);
    this.#poll = needed ? setInterval(() => this.#askAll(), this.#options.pollMs) : undefined;
    this.#poll?.unref();
  }

  #askAll(): void {
    for (const folder of [...this.#folders.values()]) {
      const blind = folder.watcher === undefined || folder.identity === undefined;
      if (blind) this.#open(folder);
      if (blind || this.#options.pollAll) tell(folder, null);
    }
  }
}

function tell(folder: Folder, file: string | null): void {
  for (const listener of [...folder.listeners]) listener(file);
}

function identityOf(path: string): string | undefined {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stat && `${stat.dev}:${stat.ino}`;
}
