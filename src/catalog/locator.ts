import { stat } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cordonError } from '../errors/cordon-error.js';
import type { CatalogSource } from './catalog-source.js';
import { DirectorySource } from './directory-source.js';
import type { EmbeddedManifests } from './embedded-manifest.js';
import type { ManifestParser } from './manifest-parser.js';
import { NpmSource } from './npm-source.js';
import { MANIFEST_FILE } from './plugin-folder.js';
import type { FetchModule } from './read-module.js';

/** One entry of the option `catalog`, or a list of them. */
export type CatalogEntry = string | URL | CatalogSource | readonly CatalogEntry[];

export interface LocatorOptions {
  readonly parser: ManifestParser;
  /** What relative paths and `npm:` packages are looked up from. */
  readonly baseDirectory: string;
  readonly embedded?: EmbeddedManifests;
  readonly fetchModule?: FetchModule;
}

/**
 * The sources behind the option `catalog`, in order: a directory, the path of a `plugin.json`, `npm:<package>`, or a
 * source as it is. Reads nothing yet, except to tell apart a file from a folder.
 * @throws ERR_OPTIONS for anything else.
 */
export async function sourcesOf(entry: CatalogEntry, options: LocatorOptions): Promise<CatalogSource[]> {
  if (Array.isArray(entry)) {
    const lists = await Promise.all(entry.map((one: CatalogEntry) => sourcesOf(one, options)));
    return lists.flat();
  }
  if (isSource(entry)) return [entry];
  const text = entry instanceof URL ? entry.href : entry;
  if (typeof text !== 'string' || text.trim() === '' || text.includes('\0')) throw notACatalog(entry);
  if (text.startsWith('npm:')) return [new NpmSource(text.slice('npm:'.length), options)];
  if (/^[a-z][a-z0-9+.-]+:/i.test(text) && !text.startsWith('file:')) throw notACatalog(text);
  const path = resolve(options.baseDirectory, text.startsWith('file:') ? fileURLToPath(text) : text);
  const isManifest = basename(path) === MANIFEST_FILE && (await isFile(path));
  return [new DirectorySource(isManifest ? dirname(path) : path, { ...options, id: `directory ${text}` })];
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
