import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { throwIfAborted } from '../integrity/abortable.js';
import { MANIFEST_FILE } from './plugin-folder.js';

/** How deep below the catalog's directory a plugin's folder may lie: `markdown`, or `@acme/markdown`. */
const MAX_DEPTH = 2;

export interface DirectoryScan {
  /** Folders that have a `plugin.json`, in the order of their paths. */
  readonly folders: readonly string[];
  /** `.wasm` files that lie directly in the directory. */
  readonly modules: readonly string[];
  /** Folders that could not be listed. */
  readonly unreadable: readonly { readonly folder: string; readonly error: unknown }[];
}

/**
 * Finds plugins in a directory: the directory itself, or folders one or two levels below it. A plugin's own folder is not
 * searched further. Skips `node_modules` and names that begin with a dot; follows symbolic links to folders.
 * Throws Node's error where the directory itself cannot be listed.
 */
export async function scanDirectory(
  directory: string,
  signal: AbortSignal | undefined,
): Promise<DirectoryScan> {
  const folders: string[] = [];
  const modules: string[] = [];
  const unreadable: { folder: string; error: unknown }[] = [];

  const visit = async (folder: string, depth: number): Promise<void> => {
    throwIfAborted(signal, `searching ${directory}`);
    const entries = await readdir(folder, { withFileTypes: true });
    entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    if (entries.some((entry) => entry.name === MANIFEST_FILE)) {
      folders.push(folder);
      return;
    }
    for (const entry of entries) {
      if (entry.name.startsWith('.') || entry.name === 'node_modules') continue;
      const path = join(folder, entry.name);
      if (depth === 0 && entry.name.endsWith('.wasm') && !entry.isDirectory()) modules.push(path);
      else if (depth < MAX_DEPTH) {
        try {
          if (await isFolder(entry, path)) await visit(path, depth + 1);
        } catch (error) {
          throwIfAborted(signal, `searching ${directory}`);
          unreadable.push({ folder: path, error });
        }
      }
    }
  };

  await visit(directory, 0);
  return { folders, modules, unreadable };
}

async function isFolder(entry: Dirent, path: string): Promise<boolean> {
  return entry.isSymbolicLink() ? (await stat(path)).isDirectory() : entry.isDirectory();
}
