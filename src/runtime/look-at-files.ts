import { createHash } from 'node:crypto';
import { dirname, isAbsolute, join } from 'node:path';
import type { PluginCandidate } from '../catalog/catalog-source.js';
import { cordonError } from '../errors/cordon-error.js';
import { canonicalJson } from '../integrity/data-digest.js';
import { readArtifact } from '../integrity/read-artifact.js';
import { claimsSignature, readSignature } from '../integrity/read-signature.js';
import type { Manifest } from '../manifest/manifest.js';
import type { Look } from '../reload/plugin-watch.js';
import { readEmbeddedManifest } from './embedded-manifest.js';
import { loadTarget } from './load-target.js';
import type { PluginUnit } from './plugin-unit.js';
import { inspectModule } from './prepare-module.js';
import type { Runtime } from './runtime.js';

/** Where a plugin's manifest lies, if it lies in files at all: not one in memory, nor one of a source that has no paths. */
export function manifestPath({ candidate }: PluginUnit): string | undefined {
  const { origin } = candidate;
  return isAbsolute(origin) && /(^|[/\\])plugin\.json$|\.wasm$/i.test(origin) ? origin : undefined;
}

/** The files of a plugin as its manifest names them, absolute. */
export function filesOf(origin: string, { wasm, signature }: Manifest): string[] {
  const paths = origin.endsWith('.wasm') ? [] : wasm.flatMap(({ path }) => path ?? []);
  if (signature !== undefined) paths.push(signature);
  return [origin, ...paths.map((path) => join(dirname(origin), path))];
}

/**
 * Reads a plugin's files the way a load does, up to where a module is parsed: nothing is compiled or run. What is
 * half-written, missing or broken is a problem, not an exception.
 */
export async function lookAtFiles(runtime: Runtime, unit: PluginUnit, signal: AbortSignal): Promise<Look> {
  const origin = unit.candidate.origin;
  const { maxModuleBytes } = runtime.options.validation;
  let files = filesOf(origin, unit.manifest);
  try {
    const target = await loadTarget(origin, { read: readEmbeddedManifest, maxModuleBytes });
    if (!('candidate' in target)) throw cordonError('ERR_NOT_FOUND', `${origin} is no plugin.`);
    const { candidate } = target;
    const { manifest } = candidate;
    files = [...new Set([...files, ...filesOf(origin, manifest)])];
    if (manifest.name !== unit.name) {
      throw cordonError(
        'ERR_MANIFEST',
        `${origin} is now of "${manifest.name}"; ${unit.name} was loaded from it.`,
      );
    }
    const digests: Record<string, string> = {};
    for (const item of manifest.wasm.length > 0 ? manifest.wasm : [{ name: 'main' }]) {
      if ('url' in item && item.url !== undefined) continue;
      const artifact = await readArtifact(candidate, item, { maxBytes: maxModuleBytes, signal });
      inspectModule(runtime, manifest, artifact);
      digests[item.name] = artifact.integrity;
    }
    const signature = await signatureDigest(candidate, signal);
    const key = digest(canonicalJson({ manifest, digests, signature }));
    return { key, files, version: manifest.version, modules: digests };
  } catch (error) {
    return { key: `broken: ${(error as Error).message}`, files, problem: error as Error };
  }
}

/** Whether these are the modules and the version that are loaded. */
export function isLoaded(unit: PluginUnit, { version, modules }: Look): boolean {
  return (
    version === unit.version &&
    Object.entries(modules ?? {}).every(([name, integrity]) => unit.modules[name] === integrity)
  );
}

/** Read as a load reads it: a regular file inside of the folder, and no more than a signature may have. */
async function signatureDigest(candidate: PluginCandidate, signal: AbortSignal): Promise<string | undefined> {
  if (!claimsSignature(candidate)) return undefined;
  try {
    return digest(await readSignature(candidate, signal));
  } catch (error) {
    return (error as Error).message;
  }
}

function digest(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('base64');
}
