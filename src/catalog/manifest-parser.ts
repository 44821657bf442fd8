import type { Manifest } from '../manifest/manifest.js';

/** How raw manifests become normalised ones; both throw `ERR_MANIFEST` and name `file`. */
export interface ManifestParser {
  readonly value: (value: unknown, options: { file: string }) => Manifest;
  readonly text: (text: string, options: { file: string }) => Manifest;
}

const parsed = new WeakSet<Manifest>();

/** Remembers that a manifest came out of the parser, so that the catalog need not parse it again. */
export function markParsed(manifest: Manifest): Manifest {
  parsed.add(manifest);
  return manifest;
}

/** Whether {@link markParsed} was told about this very object. */
export function isParsed(manifest: Manifest): boolean {
  return parsed.has(manifest);
}
