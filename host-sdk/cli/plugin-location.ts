import { stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { MANIFEST_FILE } from '../../src/catalog/plugin-folder.js';
import { UsageError } from './usage-error.js';

/** Where a plugin is on disk: a folder with a plugin.json, or a bare module. */
export type PluginLocation =
  | { readonly kind: 'folder'; readonly folder: string; readonly manifest: string }
  | { readonly kind: 'module'; readonly file: string };

/**
 * Turns what a person typed into it. `anyName`: the manifest may have another name, where it is only read.
 * @throws UsageError where there is nothing
 */
export async function pluginLocation(given: string, { anyName = false } = {}): Promise<PluginLocation> {
  const path = resolve(given);
  const entry = await stat(path).catch(() => {
    throw new UsageError(`${given} is not there`);
  });
  if (entry.isDirectory()) return { kind: 'folder', folder: path, manifest: join(path, MANIFEST_FILE) };
  if (path.endsWith('.wasm')) return { kind: 'module', file: path };
  if (basename(path) === MANIFEST_FILE || (anyName && path.endsWith('.json')))
    return { kind: 'folder', folder: dirname(path), manifest: path };
  throw new UsageError(`${given} is not a folder, a ${MANIFEST_FILE} or a .wasm file`);
}
