import type { Manifest } from '../manifest/manifest.js';

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
