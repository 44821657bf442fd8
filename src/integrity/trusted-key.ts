import { createHash, createPublicKey, type KeyObject } from 'node:crypto';

/** A public key whose signatures count. */
export interface TrustedKey {
  /** SPKI in PEM: `-----BEGIN PUBLIC KEY-----`. Ed25519 or ECDSA P-256. */
  readonly pem: string;
  /** For messages. */
  readonly id?: string;
  /** Plugins that it may sign: names, `@scope/*`, or `*`. */
  readonly scopes: readonly string[];
  /** Milliseconds since the epoch, both inclusive, held against the clock of the host when a plugin is loaded. */
  readonly notBefore?: number;
  readonly notAfter?: number;
  /** Signatures of it never count, whenever they were made. */
  readonly revoked: boolean;
}

/** The kinds of keys that sign plugins. */
export type SigningKeyKind = 'ed25519' | 'ecdsa-p256';

/** Undefined for a key of any other kind. */
export function signingKeyKind(key: KeyObject): SigningKeyKind | undefined {
  if (key.asymmetricKeyType === 'ed25519') return 'ed25519';
  const curve = key.asymmetricKeyType === 'ec' ? key.asymmetricKeyDetails?.namedCurve : undefined;
  return curve === 'prime256v1' ? 'ecdsa-p256' : undefined;
}

/** The base64 of the SHA-256 of a public key's SPKI in DER: the same whatever the PEM looks like. */
export function keyFingerprint(key: KeyObject): string {
  return createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('base64');
}

/** A trusted key, ready to verify with. */
export interface ReadKey {
  readonly key: KeyObject;
  readonly fingerprint: string;
}

const read = new WeakMap<TrustedKey, ReadKey>();

/** The key of the PEM; read once. */
export function readTrustedKey(trusted: TrustedKey): ReadKey {
  const known = read.get(trusted);
  if (known) return known;
  const key = createPublicKey(trusted.pem);
  const made = { key, fingerprint: keyFingerprint(key) };
  read.set(trusted, made);
  return made;
}

/** Whether one of a key's scopes has the plugin. */
export function coversPlugin(scopes: readonly string[], plugin: string): boolean {
  return scopes.some(
    (scope) =>
      scope === '*' ||
      scope === plugin ||
      (scope.endsWith('/*') && plugin.startsWith(scope.slice(0, -1)) && plugin.length >= scope.length),
  );
}
