import type { ManifestInput } from '../src/manifest/manifest-input.js';
import { checkManifest } from '../src/manifest/parse-manifest.js';

export type { Manifest } from '../src/manifest/manifest.js';
export type { ManifestInput } from '../src/manifest/manifest-input.js';

/**
 * Checks a manifest that is written in TypeScript, by its type and by the schema of plugin.json. Returns it as it was
 * written, copied and deeply frozen: for `{ manifest, wasm }`, and for `JSON.stringify` into a plugin.json.
 *
 * @throws `ERR_MANIFEST` with every problem: path, what was found, what was expected; also in `details.problems`.
 * @example
 * const manifest = defineManifest({ manifestVersion: 1, name: 'hello', version: '1.0.0', limits: { memoryBytes: '8MiB' } });
 * const hello = await host.load({ manifest, wasm: bytes });
 */
export function defineManifest(manifest: ManifestInput): ManifestInput {
  return checkManifest(manifest);
}
