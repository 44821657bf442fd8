import { type Envelope, verifyEnvelope } from './dsse.js';
import type { SignatureBundle } from './signature-bundle.js';
import { type SignedSubject, signatureError } from './signature-problem.js';
import { coversPlugin, readTrustedKey, type TrustedKey } from './trusted-key.js';

/** The trusted key that signed a plugin. */
export interface Signer {
  /** The key's `id`, or its fingerprint where it has none. */
  readonly key: string;
  /** The base64 of the SHA-256 of the public key. */
  readonly fingerprint: string;
}

/** How a fingerprint looks. */
const FINGERPRINT = /^[A-Za-z0-9+/]{43}=$/;

/**
 * The trusted key that made the signature and may sign this plugin now.
 * @throws ERR_SIGNATURE: `unknown-key`, `wrong-signature`, `revoked-key`, `key-not-yet-valid`, `expired-key`, `wrong-scope`
 */
export function findSigner(
  { envelope, hint }: SignatureBundle,
  keys: readonly TrustedKey[],
  plugin: SignedSubject,
  now: number,
): Signer {
  const hinted = keys.filter((key) => readTrustedKey(key).fingerprint === hint || key.id === hint);
  // Other tools may hint by a name of their own; a fingerprint that is not among ours is a stranger's.
  const worthTrying = hinted.length > 0 ? hinted : FINGERPRINT.test(hint) ? [] : keys;
  const trusted = worthTrying.find((key) => madeBy(envelope, key));
  if (trusted) return allowed(decisive(trusted, keys, plugin, now), plugin, now);
  if (hinted.length > 0) {
    throw signatureError(
      'wrong-signature',
      plugin,
      `is wrong: key ${label(hinted[0]!)} did not sign this. Sign again, or treat the files as tampered with.`,
      { details: { key: label(hinted[0]!) } },
    );
  }
  throw signatureError(
    'unknown-key',
    plugin,
    `was made by a key that is not in validation.trustedKeys${hint === '' ? '' : ` (it says: ${JSON.stringify(hint)})`}. ` +
      'Add the key if you trust its owner.',
    { details: { hint, trustedKeys: keys.length } },
  );
}

function madeBy(envelope: Envelope, key: TrustedKey): boolean {
  return verifyEnvelope(envelope, readTrustedKey(key).key);
}

/**
 * Of several entries for one key, as where lists are put together: one that revokes it counts for all, else one that lets
 * it sign this plugin now.
 */
function decisive(trusted: TrustedKey, keys: readonly TrustedKey[], plugin: SignedSubject, now: number) {
  const { fingerprint } = readTrustedKey(trusted);
  const entries = keys.filter((key) => readTrustedKey(key).fingerprint === fingerprint);
  const counts = ({ notBefore = now, notAfter = now, scopes }: TrustedKey): boolean =>
    notBefore <= now && now <= notAfter && coversPlugin(scopes, plugin.name);
  return entries.find(({ revoked }) => revoked) ?? entries.find(counts) ?? trusted;
}

function allowed(trusted: TrustedKey, plugin: SignedSubject, now: number): Signer {
  const key = label(trusted);
  const { notBefore, notAfter, scopes } = trusted;
  if (trusted.revoked) {
    throw signatureError(
      'revoked-key',
      plugin,
      `was made by key ${key}, which is revoked. Sign with another key.`,
      {
        details: { key },
      },
    );
  }
  if (notBefore !== undefined && now < notBefore) {
    throw signatureError(
      'key-not-yet-valid',
      plugin,
      `was made by key ${key}, which counts from ${iso(notBefore)}; it is ${iso(now)}.`,
      { details: { key, notBefore, now } },
    );
  }
  if (notAfter !== undefined && now > notAfter) {
    throw signatureError(
      'expired-key',
      plugin,
      `was made by key ${key}, which counted until ${iso(notAfter)}; it is ${iso(now)}. Sign with a newer key.`,
      { details: { key, notAfter, now } },
    );
  }
  if (!coversPlugin(scopes, plugin.name)) {
    throw signatureError(
      'wrong-scope',
      plugin,
      `was made by key ${key}, which may sign ${scopes.join(', ') || 'nothing'} only. Extend its "scopes" if that was meant.`,
      { details: { key, scopes } },
    );
  }
  return Object.freeze({ key, fingerprint: readTrustedKey(trusted).fingerprint });
}

function label(key: TrustedKey): string {
  return key.id ?? readTrustedKey(key).fingerprint;
}

/** Options may hold any number; not every one is a date. */
function iso(time: number): string {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? String(time) : date.toISOString();
}
