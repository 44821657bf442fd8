import { type KeyObject, sign, verify } from 'node:crypto';
import { signingKeyKind } from './trusted-key.js';

/** What a DSSE envelope signs and by what. */
export interface Envelope {
  readonly payloadType: string;
  readonly payload: Uint8Array;
  readonly signature: Uint8Array;
}

/** What is signed: DSSE's pre-authentication encoding of the type and the payload, each with its length. */
function encoded(payloadType: string, payload: Uint8Array): Buffer {
  const type = Buffer.from(payloadType);
  return Buffer.concat([
    Buffer.from(`DSSEv1 ${type.length} `),
    type,
    Buffer.from(` ${payload.length} `),
    payload,
  ]);
}

/** Signs with an Ed25519 key, or with an ECDSA P-256 key over SHA-256 as DER. */
export function signEnvelope(payloadType: string, payload: Uint8Array, privateKey: KeyObject): Envelope {
  const digest = signingKeyKind(privateKey) === 'ed25519' ? null : 'sha256';
  return { payloadType, payload, signature: sign(digest, encoded(payloadType, payload), privateKey) };
}

/** Whether the key made the signature. False, too, for bytes that are no signature at all. */
export function verifyEnvelope({ payloadType, payload, signature }: Envelope, key: KeyObject): boolean {
  const digest = signingKeyKind(key) === 'ed25519' ? null : 'sha256';
  try {
    return verify(digest, encoded(payloadType, payload), key, signature);
  } catch {
    return false;
  }
}
