import { type FSWatcher, watch } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** What builds write, and what is not source. */
const IGNORED_FOLDERS = new Set(['node_modules', 'target', 'zig-out', 'zig-cache', 'dist', 'build', 'out']);
const IGNORED_FILES =
  /\.(wasm|sigstore\.json|log|tmp|swp)$|~$|^\.|^(package-lock\.json|Cargo\.lock|go\.sum)$/;
const DEBOUNCE_MS = 100;
const MAX_FOLDERS = 1000;

export interface SourceWatch {
  close(): void;
}

/** Tells that sources in a folder have changed, once for many changes at a time. What builds write does not count. */
export async function watchSources(folder: string, onChange: (file: string) => void): Promise<SourceWatch> {
  const watchers = new Map<string, FSWatcher>();
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;
  const changed = (path: string): void => {
    clearTimeout(timer);
    timer = setTimeout(() => onChange(path), DEBOUNCE_MS);
  };
  const follow = async (path: string): Promise<void> => {
    if (isClosed || watchers.has(path) || watchers.size >= MAX_FOLDERS) return;
    try {
      const watcher = watch(path, (_, file) => {
        if (file === null || IGNORED_FILES.test(file) || IGNORED_FOLDERS.has(file)) return;
        changed(join(path, file));
        // It may be a new folder.
        void follow(join(path, file));
      });
      watcher.on('error', () => stop(path));
      watchers.set(path, watcher);
      for (const entry of await readdir(path, { withFileTypes: true })) {
        const { name } = entry;
        if (entry.isDirectory() && !name.startsWith('.') && !IGNORED_FOLDERS.has(name)) {
          await follow(join(path, name));
        }
      }
    } catch {
      // A file, or gone again.
      stop(path);
    }
  };
  const stop = (path: string): void => {
    watchers.get(path)?.close();
    watchers.delete(path);
  };
  await follow(folder);
  return {
    close() {
      isClosed = true;
      clearTimeout(timer);
      for (const path of [...watchers.keys()]) stop(path);
    },
  };
}
