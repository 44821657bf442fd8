import { stat } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cordonError } from '../errors/cordon-error.js';
import type { CatalogSource } from './catalog-source.js';
import { DirectorySource } from './directory-source.js';
import type { EmbeddedManifests } from './embedded-manifest.js';
import { type MemoryPlugin, MemorySource } from './memory-source.js';
import { NpmSource } from './npm-source.js';
import { MANIFEST_FILE } from './plugin-folder.js';
import type { FetchModule } from './read-module.js';

/** One entry of the option `catalog`. */
export type CatalogEntry = string | URL | CatalogSource | MemoryPlugin;

export interface LocatorOptions {
  /** What relative paths and `npm:` packages are looked up from. */
  readonly baseDirectory: string;
  readonly embedded?: EmbeddedManifests;
  readonly fetchModule?: FetchModule;
}

/**
 * The sources behind the option `catalog`, in order: a directory, the path of a `plugin.json`, `npm:<package>`, a source
 * as it is, or a plugin in memory; such plugins that follow each other are one source. Reads nothing yet, except to
 * tell apart a file from a folder.
 * @throws ERR_OPTIONS for anything else.
 */
export async function sourcesOf(
  entries: readonly CatalogEntry[],
  options: LocatorOptions,
): Promise<CatalogSource[]> {
  const sources: CatalogSource[] = [];
  let inMemory: MemoryPlugin[] = [];
  const endMemory = (): void => {
    if (inMemory.length > 0) sources.push(new MemorySource(inMemory));
    inMemory = [];
  };
  for (const entry of entries) {
    if (isMemoryPlugin(entry)) {
      inMemory.push(entry);
      continue;
    }
    endMemory();
    sources.push(isSource(entry) ? entry : await sourceAt(entry, options));
  }
  endMemory();
  return sources;
}

async function sourceAt(entry: string | URL, options: LocatorOptions): Promise<CatalogSource> {
  const text = entry instanceof URL ? entry.href : entry;
  if (typeof text !== 'string' || text.trim() === '' || text.includes('\0')) throw notACatalog(entry);
  if (text.startsWith('npm:')) return new NpmSource(text.slice('npm:'.length), options);
  if (/^[a-z][a-z0-9+.-]+:/i.test(text) && !text.startsWith('file:')) throw notACatalog(text);
  const path = resolve(options.baseDirectory, text.startsWith('file:') ? fileURLToPath(text) : text);
  const isManifest = basename(path) === MANIFEST_FILE && (await isFile(path));
  return new DirectorySource(isManifest ? dirname(path) : path, { ...options, id: `directory ${text}` });
}

function isMemoryPlugin(entry: unknown): entry is MemoryPlugin {
  return typeof entry === 'object' && entry !== null && 'manifest' in entry && 'wasm' in entry;
}

function isSource(entry: unknown): entry is CatalogSource {
  const source = entry as Partial<CatalogSource> | null;
  return (
    typeof source === 'object' && typeof source?.candidates === 'function' && typeof source.id === 'string'
  );
}

function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (entry) => entry.isFile(),
    () => false,
  );
}

function notACatalog(found: unknown): Error {
  const what = typeof found === 'string' ? `"${found}"` : found === null ? 'null' : typeof found;
  return cordonError(
    'ERR_OPTIONS',
    `"catalog" has ${what}; expected the path of a directory or of a plugin.json, "npm:<package>", a catalog source ` +
      '(an object with "id" and "candidates"), or a list of these.',
    { details: { found: String(found) } },
  );
}
