import { type CordonError, cordonError } from '../errors/cordon-error.js';
import type { SignatureProblem, SignedSubject } from './signature-problem.js';
import type { SignedModule } from './verify-signature.js';

/** The error where one of a plugin's modules is on the list of digests that must not run. */
export function revokedModule(
  modules: readonly SignedModule[],
  revoked: readonly string[],
  plugin: SignedSubject,
): CordonError | undefined {
  const found = modules.find(({ sha256 }) => revoked.includes(sha256));
  if (!found) return undefined;
  const { name, version } = plugin;
  return cordonError(
    'ERR_SIGNATURE',
    `The module "${found.name}" of ${name}@${version} is revoked: validation.revokedDigests has its SHA-256 ${found.sha256}. ` +
      'Load another version.',
    {
      plugin: name,
      version,
      details: {
        reason: 'revoked-digest' satisfies SignatureProblem,
        module: found.name,
        sha256: found.sha256,
      },
    },
  );
}
