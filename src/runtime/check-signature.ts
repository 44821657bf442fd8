import type { PluginCandidate } from '../catalog/catalog-source.js';
import { CordonError } from '../errors/cordon-error.js';
import type { Artifact } from '../integrity/artifact.js';
import type { Signer } from '../integrity/find-signer.js';
import { readSignature } from '../integrity/read-signature.js';
import { revokedModule } from '../integrity/revoked-digests.js';
import { verifySignature } from '../integrity/verify-signature.js';
import { parseManifest } from '../manifest/parse-manifest.js';
import { recordRefusal } from './record-refusal.js';
import type { Runtime } from './runtime.js';

/**
 * Who signed the modules that were read and their manifest. Under `'warn'` what is wrong is a violation and a warning, and
 * the load goes on; a revoked digest is refused in every mode.
 * @throws ERR_SIGNATURE, ERR_ABORTED
 */
export async function checkSignature(
  runtime: Runtime,
  candidate: PluginCandidate,
  modules: readonly { readonly name: string; readonly artifact: Artifact }[],
  signal: AbortSignal | undefined,
): Promise<Signer | undefined> {
  const { signatures, trustedKeys, revokedDigests } = runtime.options.validation;
  const { manifest } = candidate;
  const digests = modules.map(({ name, artifact }) => ({ name, sha256: artifact.sha256 }));
  const revoked = revokedModule(digests, revokedDigests, manifest);
  if (revoked) throw revoked;
  if (signatures === 'off') return undefined;
  try {
    return verifySignature({
      bundle: await readSignature(candidate, signal),
      manifest,
      modules: digests,
      keys: trustedKeys,
      now: Date.now(),
      parseManifest: (value) => parseManifest(value),
    });
  } catch (error) {
    const wrong = error instanceof CordonError && error.code === 'ERR_SIGNATURE';
    if (signatures === 'require' || !wrong) throw error;
    recordRefusal(runtime, manifest, error);
    const { name: plugin, version } = manifest;
    runtime.warn('signature', `${plugin}@${version} is loaded all the same: ${error.message}`, {
      plugin,
      version,
      code: error.code,
      detail: error.details,
    });
    return undefined;
  }
}
