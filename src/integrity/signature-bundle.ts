import type { Envelope } from './dsse.js';
import { type SignedSubject, signatureError } from './signature-problem.js';

/** A manifest in base64 with room to spare; what is larger is no signature. */
export const MAX_SIGNATURE_BYTES = 2 * 1024 * 1024;

/** The media types of sigstore bundles 0.1 to 0.3, in both spellings. */
const MEDIA_TYPE = /^application\/vnd\.dev\.sigstore\.bundle(?:\.v0\.3\+json|\+json;version=0\.[123])$/;
const WRITTEN_AS = 'application/vnd.dev.sigstore.bundle.v0.3+json';
const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/;
/** Ed25519 has 64 bytes, ECDSA P-256 as DER at most 72. */
const MAX_SIGNATURE = 512;

/** A sigstore bundle that holds a DSSE envelope and was made with a key. */
export interface SignatureBundle {
  readonly envelope: Envelope;
  /** What the bundle says of its key: usually its fingerprint. Nobody vouches for it. */
  readonly hint: string;
}

/** The text of a bundle, as other tools read it. */
export function bundleText({ payloadType, payload, signature }: Envelope, hint: string): string {
  const bundle = {
    mediaType: WRITTEN_AS,
    verificationMaterial: { publicKey: { hint }, tlogEntries: [] },
    dsseEnvelope: {
      payload: Buffer.from(payload).toString('base64'),
      payloadType,
      signatures: [{ sig: Buffer.from(signature).toString('base64'), keyid: '' }],
    },
  };
  return `${JSON.stringify(bundle, undefined, 2)}\n`;
}

/**
 * Reads a bundle. Entries of a transparency log, timestamps and all else that it may hold are not looked at.
 * @throws ERR_SIGNATURE: `too-large`, `malformed`, or `unsupported` (keyless, or over the module alone)
 */
export function readBundle(bytes: Uint8Array, subject: SignedSubject): SignatureBundle {
  const malformed = (what: string, cause?: unknown) =>
    signatureError('malformed', subject, `cannot be read: ${what}. It must be a sigstore bundle (JSON).`, {
      cause,
    });
  if (bytes.length > MAX_SIGNATURE_BYTES) throw tooLarge(subject, bytes.length);
  let bundle: unknown;
  try {
    bundle = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw malformed('it is not JSON', error);
  }
  const mediaType = field(bundle, 'mediaType');
  if (typeof mediaType !== 'string' || !MEDIA_TYPE.test(mediaType)) {
    throw malformed('its "mediaType" is not that of a sigstore bundle 0.1 to 0.3');
  }
  const material = field(bundle, 'verificationMaterial');
  if (field(bundle, 'messageSignature') !== undefined) {
    throw signatureError(
      'unsupported',
      subject,
      'is over the module alone, which leaves the manifest and its permissions unsigned. Sign with "cordon sign", or with ' +
        '"cosign attest-blob" and the manifest as predicate.',
    );
  }
  const publicKey = field(material, 'publicKey');
  if (typeof publicKey !== 'object' || publicKey === null) {
    throw signatureError(
      'unsupported',
      subject,
      'was made without a key of its own ("verificationMaterial.publicKey" is missing). Keyless signatures are not supported; ' +
        'sign with a key.',
    );
  }
  const hint = field(publicKey, 'hint') ?? '';
  if (typeof hint !== 'string' || hint.length > 256)
    throw malformed('the hint of its key is not a short text');
  const dsse = field(bundle, 'dsseEnvelope');
  const payloadType = field(dsse, 'payloadType');
  if (typeof payloadType !== 'string' || payloadType.length > 256) {
    throw malformed('it has no DSSE envelope with a "payloadType"');
  }
  const signatures = field(dsse, 'signatures');
  if (!Array.isArray(signatures) || signatures.length !== 1) {
    throw malformed('its envelope must have exactly one signature');
  }
  const payload = decoded(field(dsse, 'payload'));
  const signature = decoded(field(signatures[0], 'sig'));
  if (!payload) throw malformed('the payload of its envelope is not base64');
  if (!signature || signature.length > MAX_SIGNATURE)
    throw malformed('its "sig" is not a signature in base64');
  return { envelope: { payloadType, payload, signature }, hint };
}

/** For a file that was not read further, too. */
export function tooLarge(subject: SignedSubject, observed: number): Error {
  return signatureError(
    'too-large',
    subject,
    `has ${observed} bytes or more; a signature may have ${MAX_SIGNATURE_BYTES}.`,
    { details: { limit: MAX_SIGNATURE_BYTES, observed } },
  );
}

function decoded(value: unknown): Buffer | undefined {
  if (typeof value !== 'string' || value === '' || !BASE64.test(value)) return undefined;
  return Buffer.from(value, 'base64');
}

/** Only what the object itself has: a bundle is a stranger's. */
function field(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Record<string, unknown>)[key]
    : undefined;
}
