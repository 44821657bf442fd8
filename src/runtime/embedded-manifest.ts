import { summarizeModule } from '../wasm/summary.js';

/** The manifest that a module carries in its `cordon.manifest` section. @throws ERR_BYTECODE */
export function readEmbeddedManifest(bytes: Uint8Array): string | undefined {
  return summarizeModule(bytes).manifest;
}
