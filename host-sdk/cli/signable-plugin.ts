import { readFile, realpath, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { PluginCandidate } from '../../src/catalog/catalog-source.js';
import { readBareModule } from '../../src/catalog/embedded-manifest.js';
import { MANIFEST_FILE, readPluginFolder } from '../../src/catalog/plugin-folder.js';
import { cordonError } from '../../src/errors/cordon-error.js';
import { readArtifact } from '../../src/integrity/read-artifact.js';
import { verifyIntegrity } from '../../src/integrity/verify-integrity.js';
import type { SignedModule } from '../../src/integrity/verify-signature.js';
import type { WasmItem } from '../../src/manifest/manifest.js';
import { readEmbeddedManifest } from '../../src/runtime/embedded-manifest.js';
import { fetchModule } from '../../src/runtime/fetch-module.js';
import { UsageError } from './usage-error.js';

/** A plugin on disk, with all that a signature is about. */
export interface SignablePlugin {
  readonly candidate: PluginCandidate;
  /** Where the paths of its manifest begin. */
  readonly folder: string;
  /** The manifest as its author wrote it. */
  readonly written: unknown;
  readonly modules: readonly SignedModule[];
}

const SOURCE = { source: 'file', fetchModule };
const ONLY_MAIN: readonly WasmItem[] = [{ name: 'main' }];

/** The plugin in a folder, of a `plugin.json`, or of a module with a manifest inside. */
export async function signablePlugin(location: string): Promise<SignablePlugin> {
  const path = resolve(location);
  const bare = path.endsWith('.wasm');
  const entry = await stat(path).catch(() => {
    throw new UsageError(`${location} is not there`);
  });
  const folder = entry.isDirectory() ? path : dirname(bare ? await realpath(path) : path);
  const found = bare
    ? await readBareModule(
        path,
        { read: readEmbeddedManifest, maxModuleBytes: Number.POSITIVE_INFINITY },
        SOURCE,
      )
    : await readPluginFolder(folder, SOURCE);
  if (!found) {
    throw new UsageError(
      `${location} has no manifest inside; name its ${MANIFEST_FILE}, or the folder of it`,
    );
  }
  if ('broken' in found) throw found.broken.error;
  const { candidate } = found;
  const text = bare
    ? readEmbeddedManifest(await readFile(path))!
    : await readFile(join(folder, MANIFEST_FILE), 'utf8');
  return {
    candidate,
    folder,
    written: JSON.parse(text.replace(/^\uFEFF/, '')),
    modules: await digests(candidate),
  };
}

/** What lies behind a URL and is pinned by the manifest need not be fetched. */
async function digests(candidate: PluginCandidate): Promise<SignedModule[]> {
  const { manifest } = candidate;
  const modules: SignedModule[] = [];
  for (const item of manifest.wasm.length > 0 ? manifest.wasm : ONLY_MAIN) {
    const { name, integrity } = item;
    if (item.url !== undefined && integrity !== undefined) {
      modules.push({ name, sha256: Buffer.from(integrity.slice(7), 'base64').toString('hex') });
      continue;
    }
    const artifact = await readArtifact(candidate, item, { maxBytes: 1024 ** 3 });
    const subject = { plugin: manifest.name, version: manifest.version, file: item.path ?? item.url ?? name };
    if (integrity !== undefined) verifyIntegrity(artifact, integrity, subject);
    modules.push({ name, sha256: artifact.sha256 });
  }
  return modules;
}

/** The file that the manifest names for its signature. */
export function signatureFile({ candidate, folder }: SignablePlugin): string {
  const { name, version, signature } = candidate.manifest;
  if (signature !== undefined) return join(folder, signature);
  throw cordonError(
    'ERR_MANIFEST',
    `The manifest of ${name}@${version} names no file for its signature. Add ` +
      `"signature": "${name.replace(/^@.*\//, '')}.sigstore.json" to it.`,
    { plugin: name, version },
  );
}
