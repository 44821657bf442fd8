import { createHash, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { signEnvelope } from '../../src/integrity/dsse.js';
import { bundleText } from '../../src/integrity/signature-bundle.js';
import { STATEMENT_PAYLOAD, statementBytes } from '../../src/integrity/signed-statement.js';
import type { TrustedKey } from '../../src/integrity/trusted-key.js';
import { keyFingerprint } from '../../src/integrity/trusted-key.js';

export interface KeyPair {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  /** SPKI in PEM. */
  readonly pem: string;
  readonly fingerprint: string;
}

/** A new key of one of the kinds that sign plugins. */
export function newKey(kind: 'ed25519' | 'ecdsa-p256' = 'ed25519'): KeyPair {
  const { privateKey, publicKey } =
    kind === 'ed25519'
      ? generateKeyPairSync('ed25519')
      : generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const pem = publicKey.export({ type: 'spki', format: 'pem' }) as string;
  return { privateKey, publicKey, pem, fingerprint: keyFingerprint(publicKey) };
}

export function trusted(key: KeyPair, more: Partial<TrustedKey> = {}): TrustedKey {
  return { pem: key.pem, scopes: ['*'], revoked: false, ...more };
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** The text of a signature over these modules and this manifest, as its author would make it. */
export function signed(
  key: KeyPair,
  predicate: unknown,
  modules: Readonly<Record<string, Uint8Array>>,
  hint: string = key.fingerprint,
): string {
  const subjects = Object.entries(modules).map(([name, bytes]) => ({ name, sha256: sha256(bytes) }));
  const payload = statementBytes({ subjects, predicate });
  return bundleText(signEnvelope(STATEMENT_PAYLOAD, payload, key.privateKey), hint);
}
