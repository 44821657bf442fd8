import { type CordonError, cordonError } from '../errors/cordon-error.js';

/** Why a signature does not count: `details.reason` of an `ERR_SIGNATURE`. */
export type SignatureProblem =
  | 'unsigned'
  | 'unreadable'
  | 'too-large'
  | 'malformed'
  | 'unsupported'
  | 'unknown-key'
  | 'wrong-signature'
  | 'revoked-key'
  | 'key-not-yet-valid'
  | 'expired-key'
  | 'wrong-scope'
  | 'other-statement'
  | 'other-manifest'
  | 'other-module'
  | 'module-not-covered'
  | 'revoked-digest';

/** Whose signature it is. */
export interface SignedSubject {
  readonly name: string;
  readonly version: string;
}

/** An `ERR_SIGNATURE`; `problem` completes "The signature of <plugin>". */
export function signatureError(
  reason: SignatureProblem,
  { name: plugin, version }: SignedSubject,
  problem: string,
  more: { readonly cause?: unknown; readonly details?: Readonly<Record<string, unknown>> } = {},
): CordonError {
  return cordonError('ERR_SIGNATURE', `The signature of ${plugin}@${version} ${problem}`, {
    plugin,
    version,
    cause: more.cause,
    details: { reason, ...more.details },
  });
}
