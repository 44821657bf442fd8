import { z } from 'zod';
import type { CatalogSource } from '../src/catalog/catalog-source.js';
import type { Manifest } from '../src/manifest/manifest.js';
import type { ManifestInput } from '../src/manifest/manifest-input.js';

/** Bytes of a module, or of several by their names in the manifest. */
export type ModuleBytes = Uint8Array | ArrayBuffer | Readonly<Record<string, Uint8Array | ArrayBuffer>>;

/** A plugin that the application holds in memory. Its manifest is checked when the catalog is read. */
export interface InMemoryPlugin {
  readonly manifest: ManifestInput | Manifest;
  readonly wasm: ModuleBytes;
  /** The bytes or the text of its signature, where it has one. */
  readonly signature?: Uint8Array | string | undefined;
}

/** A place that plugins come from: a directory, the path or URL of one, `npm:<package>`, a source, a plugin in memory. */
export type CatalogEntry = string | URL | CatalogSource | InMemoryPlugin;
/** One entry or a list; lists may hold lists. */
export type CatalogInput = CatalogEntry | readonly CatalogInput[];
/** An entry after parsing: URLs are texts, lists are flat. */
export type ResolvedCatalogEntry = string | CatalogSource | InMemoryPlugin;

const EXPECTED =
  'the path of a directory, "npm:<package>", a catalog source (an object with "id" and "candidates"), ' +
  'a plugin { manifest, wasm }, or a list of these';
const NPM = /^npm:(?:@[a-z0-9][a-z0-9._-]*\/)?[a-z0-9][a-z0-9._-]*$/;
const DEEPEST = 8;

/** The option `catalog`: one entry or a list becomes a flat, frozen list. Sources and plugins are not copied. */
export const catalogSchema = z
  .custom<CatalogInput>(() => true)
  .transform((input, context) => {
    const entries: ResolvedCatalogEntry[] = [];
    const refuse = (path: PropertyKey[], message = EXPECTED): void => {
      context.addIssue({ code: 'custom', path, message });
    };
    const read = (entry: unknown, path: PropertyKey[]): void => {
      if (Array.isArray(entry) && path.length < DEEPEST) {
        for (const [index, inner] of entry.entries()) read(inner, [...path, index]);
      } else if (typeof entry === 'string' && isLocation(entry)) entries.push(entry);
      else if (entry instanceof URL && entry.protocol === 'file:') entries.push(entry.href);
      else if (isSource(entry)) entries.push(entry);
      else if (isInMemoryPlugin(entry)) {
        if (isModuleBytes(entry.wasm)) entries.push(entry);
        else refuse([...path, 'wasm'], 'a Uint8Array, an ArrayBuffer, or an object of these by module name');
      } else refuse(path);
    };
    read(input, []);
    return Object.freeze(entries);
  });

/** Whether a value is a plugin in memory, for `catalog` and `host.load`. */
export function isInMemoryPlugin(value: unknown): value is InMemoryPlugin {
  return typeof value === 'object' && value !== null && 'manifest' in value && 'wasm' in value;
}

function isSource(value: unknown): value is CatalogSource {
  const source = value as Partial<CatalogSource> | null;
  return (
    typeof source === 'object' && typeof source?.candidates === 'function' && typeof source.id === 'string'
  );
}

function isLocation(text: string): boolean {
  if (text.trim() === '' || text.length > 4096 || text.includes('\0')) return false;
  return text.startsWith('npm:') ? NPM.test(text) : true;
}

function isBytes(value: unknown): boolean {
  return value instanceof Uint8Array || value instanceof ArrayBuffer;
}

function isModuleBytes(value: unknown): boolean {
  if (isBytes(value)) return true;
  if (typeof value !== 'object' || value === null) return false;
  const modules = Object.values(value);
  return modules.length > 0 && modules.every(isBytes);
}
