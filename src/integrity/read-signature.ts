import { types } from 'node:util';
import { CordonError } from '../errors/cordon-error.js';
import { abortable } from './abortable.js';
import { MAX_SIGNATURE_BYTES, tooLarge } from './signature-bundle.js';
import { type SignedSubject, signatureError } from './signature-problem.js';

/** What a catalog's candidate looks like from here. */
export interface SignatureSource {
  readonly manifest: SignedSubject & { readonly signature?: string };
  readonly origin: string;
  readSignature?(options: {
    maxBytes: number;
    signal?: AbortSignal | undefined;
  }): Promise<Uint8Array | undefined>;
}

/** Whether a candidate says that it is signed; nothing of it is read. */
export function claimsSignature({ manifest, readSignature }: SignatureSource): boolean {
  return manifest.signature !== undefined || readSignature !== undefined;
}

/**
 * The bytes of a candidate's signature.
 * @throws ERR_SIGNATURE: `unsigned`, `unreadable`, `too-large`; ERR_ABORTED
 */
export async function readSignature(source: SignatureSource, signal?: AbortSignal): Promise<Uint8Array> {
  const { manifest, origin } = source;
  if (!claimsSignature(source)) throw unsigned(source);
  if (!source.readSignature) {
    throw signatureError(
      'unreadable',
      manifest,
      `is named by its manifest (${manifest.signature}), and its source has no way to read it: a plugin in memory needs its ` +
        'bytes as "signature" beside "manifest" and "wasm", a candidate of a source of your own needs readSignature().',
      { details: { origin } },
    );
  }
  let bytes: unknown;
  try {
    const reading = Promise.resolve(
      source.readSignature({ maxBytes: MAX_SIGNATURE_BYTES, ...(signal && { signal }) }),
    );
    bytes = await abortable(reading, signal, `reading the signature of ${manifest.name}@${manifest.version}`);
  } catch (error) {
    if (error instanceof CordonError && /^ERR_(SIGNATURE|ABORTED)$/.test(error.code)) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw signatureError('unreadable', manifest, `cannot be read: ${why}`, {
      cause: error,
      details: { origin, file: manifest.signature },
    });
  }
  if (bytes === undefined) throw unsigned(source);
  if (!types.isUint8Array(bytes)) {
    throw signatureError(
      'unreadable',
      manifest,
      'was given by its source as something else than a Uint8Array.',
      {
        details: { origin },
      },
    );
  }
  if (bytes.byteLength > MAX_SIGNATURE_BYTES) throw tooLarge(manifest, bytes.byteLength);
  return bytes;
}

function unsigned({ manifest, origin }: SignatureSource): CordonError {
  return signatureError(
    'unsigned',
    manifest,
    'is missing: its manifest names none in "signature". Sign it with "cordon sign", or change validation.signatures.',
    { details: { origin } },
  );
}
