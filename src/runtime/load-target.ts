import { resolve as resolvePath } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CatalogSource, PluginCandidate } from '../catalog/catalog-source.js';
import { readBareModule } from '../catalog/embedded-manifest.js';
import { type MemoryPlugin, MemorySource } from '../catalog/memory-source.js';
import { readPluginFolder } from '../catalog/plugin-folder.js';
import { cordonError } from '../errors/cordon-error.js';
import { parseSpec } from '../resolver/spec.js';

/** The source of plugins that were loaded by their path. */
export const FILE_SOURCE = 'file';

/** What a load was asked for: a spec to look up, or one very plugin. */
export type LoadTarget = { readonly spec: string } | { readonly candidate: PluginCandidate };

/** The name of what is asked for. @throws ERR_OPTIONS */
export function targetName(target: LoadTarget): string {
  return 'candidate' in target ? target.candidate.manifest.name : parseSpec(target.spec).name;
}

/** Anything that `host.load` takes, after definitions were turned into specs. */
export type LoadArgument = string | URL | MemoryPlugin;

/**
 * Tells apart `name@range`, a path or URL, and a plugin in memory. A path is what begins with `.`, `/` or `file:`, or
 * ends in `plugin.json` or `.wasm`.
 * @throws ERR_OPTIONS, ERR_MANIFEST
 */
export async function loadTarget(argument: LoadArgument, readManifest: ReadEmbedded): Promise<LoadTarget> {
  if (typeof argument === 'string' && !isPath(argument)) return { spec: argument };
  if (typeof argument === 'string' || argument instanceof URL) {
    return { candidate: await candidateAt(argument, readManifest) };
  }
  return { candidate: await onlyCandidate(new MemorySource([argument])) };
}

/** Reads the manifest inside a module; a bare module without one gets a default manifest. */
export interface ReadEmbedded {
  readonly read: (bytes: Uint8Array) => string | undefined;
  readonly maxModuleBytes: number;
}

function isPath(text: string): boolean {
  return /^(\.{0,2}[/\\]|file:|[a-z]:[/\\])/i.test(text) || /(^|[/\\])plugin\.json$|\.wasm$/i.test(text);
}

async function candidateAt(location: string | URL, embedded: ReadEmbedded): Promise<PluginCandidate> {
  const text = String(location);
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(text) && !text.startsWith('file:')) {
    throw cordonError(
      'ERR_OPTIONS',
      `"${text}" cannot be loaded: a plugin is loaded from a file: URL, a path, a catalog or memory. Download it first.`,
    );
  }
  const path = resolvePath(text.startsWith('file:') ? fileURLToPath(text) : text);
  const found = path.endsWith('.wasm')
    ? await readBareModule(path, withDefault(path, embedded), { source: FILE_SOURCE })
    : await readPluginFolder(path.replace(/plugin\.json$/, ''), { source: FILE_SOURCE });
  if (found && 'candidate' in found) return found.candidate;
  if (found) throw found.broken.error;
  throw cordonError('ERR_MANIFEST', `"${text}" is no plugin.`);
}

/** A bare module without a manifest: named for its file, no permissions. */
function withDefault(path: string, { read, maxModuleBytes }: ReadEmbedded): ReadEmbedded {
  const file = path.replace(/^.*[/\\]/, '').replace(/\.wasm$/i, '');
  const name =
    file
      .toLowerCase()
      .replace(/[^a-z0-9._-]+/g, '-')
      .replace(/^[._-]+/, '') || 'plugin';
  return {
    maxModuleBytes,
    read: (bytes) =>
      read(bytes) ?? JSON.stringify({ manifestVersion: 1, name, version: '0.0.0', wasm: `${file}.wasm` }),
  };
}

async function onlyCandidate(source: CatalogSource): Promise<PluginCandidate> {
  const [broken] = (await source.broken?.()) ?? [];
  if (broken) throw broken.error;
  const [name] = (await source.names?.()) ?? [];
  const [candidate] = name === undefined ? [] : await source.candidates(name);
  if (!candidate) throw cordonError('ERR_MANIFEST', 'The plugin given to load has no manifest.');
  return candidate;
}
