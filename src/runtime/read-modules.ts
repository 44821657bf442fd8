import type { PluginCandidate } from '../catalog/catalog-source.js';
import { cordonError } from '../errors/cordon-error.js';
import type { Artifact } from '../integrity/artifact.js';
import { readArtifact } from '../integrity/read-artifact.js';
import { verifyIntegrity } from '../integrity/verify-integrity.js';
import type { Manifest, WasmItem } from '../manifest/manifest.js';
import { lockedIntegrity } from '../resolver/lockfile/frozen.js';
import type { Lock } from './lock.js';

/** A module of a plugin as it was read. */
export interface ReadModule {
  readonly name: string;
  readonly artifact: Artifact;
}

export interface ReadModulesOptions {
  readonly lock: Lock | undefined;
  readonly maxBytes: number;
  readonly signal: AbortSignal | undefined;
}

/** What a manifest that came with its module in memory, or inside of it, need not say. */
const ONLY_MAIN: readonly WasmItem[] = [{ name: 'main' }];

/**
 * Reads a plugin's modules, each held against the digests of the manifest and of the lockfile.
 * @throws ERR_INTEGRITY, ERR_MODULE_TOO_LARGE, ERR_ABORTED, and what its source rejects with
 */
export async function readModules(
  candidate: PluginCandidate,
  { lock, maxBytes, signal }: ReadModulesOptions,
): Promise<ReadModule[]> {
  const { manifest } = candidate;
  const modules: ReadModule[] = [];
  for (const item of manifest.wasm.length > 0 ? manifest.wasm : ONLY_MAIN) {
    const artifact = await readArtifact(candidate, item, { maxBytes, signal });
    const file = item.path ?? item.url ?? item.name;
    const subject = { plugin: manifest.name, version: manifest.version, file };
    if (item.integrity) verifyIntegrity(artifact, item.integrity, subject);
    const locked = lock && lockedIntegrity(lock.content, manifest, item.name);
    if (locked) verifyIntegrity(artifact, locked, { ...subject, file: `${file}, locked in ${lock.path},` });
    modules.push({ name: item.name, artifact });
  }
  return modules;
}

/** The module that calls go to. @throws ERR_MANIFEST where there is none */
export function mainOf<Module extends { readonly name: string }>(
  manifest: Manifest,
  modules: readonly Module[],
): Module {
  const main = modules.find(({ name }) => name === 'main');
  if (main) return main;
  throw cordonError('ERR_MANIFEST', `${manifest.name}@${manifest.version} has no module named "main".`);
}
