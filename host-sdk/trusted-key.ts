import { createPublicKey } from 'node:crypto';
import { z } from 'zod';
import { signingKeyKind, type TrustedKey } from '../src/integrity/trusted-key.js';
import { lineSchema, listSchema, strictObject, withoutUndefined } from '../src/manifest/schema-parts.js';

export type { TrustedKey } from '../src/integrity/trusted-key.js';

const PEM_EXPECTED =
  'a public key in PEM ("-----BEGIN PUBLIC KEY-----"), Ed25519 or ECDSA P-256, or an object { pem, id, scopes, notBefore, notAfter, revoked }';
const DIGEST_EXPECTED = 'the SHA-256 of a module: "sha256-" and base64, or 64 hexadecimal digits';
const DATE_EXPECTED = 'a date such as "2026-01-31T00:00:00Z"';
const SCOPE_EXPECTED = 'a plugin name, "@scope/*" or "*"';
const SCOPE = /^(?:\*|@[a-z0-9][a-z0-9._-]*\/\*|(?:@[a-z0-9][a-z0-9._-]*\/)?[a-z0-9][a-z0-9._-]*)$/;

const pemSchema = z
  .string({ error: PEM_EXPECTED })
  .max(16_384, { error: PEM_EXPECTED, abort: true })
  .refine(isPublicKey, { error: PEM_EXPECTED, abort: true })
  .transform((pem) => pem.trim());

const dateSchema = lineSchema(DATE_EXPECTED, {
  max: 64,
  pattern: /^\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:\d\d))?$/,
})
  .transform((text) => Date.parse(text))
  .refine((time) => !Number.isNaN(time), { error: DATE_EXPECTED });

/** A key as PEM, or with what it may sign and when. */
export const trustedKeySchema = z
  .union(
    [
      pemSchema.transform((pem) => ({ pem })),
      strictObject(
        {
          pem: pemSchema,
          id: lineSchema('a text of one line', { max: 256 }).optional(),
          scopes: listSchema(lineSchema(SCOPE_EXPECTED, { max: 214, pattern: SCOPE }), 'a list of scopes', {
            max: 1000,
          }).optional(),
          notBefore: dateSchema.optional(),
          notAfter: dateSchema.optional(),
          revoked: z.boolean({ error: 'true or false' }).optional(),
        },
        PEM_EXPECTED,
      ),
    ],
    { error: PEM_EXPECTED },
  )
  .transform(
    (key): TrustedKey =>
      Object.freeze({
        revoked: false,
        ...withoutUndefined(key),
        scopes: Object.freeze(('scopes' in key ? key.scopes : undefined) ?? ['*']),
      }),
  );

/** A digest as `sha256-` and base64 or as hex; the result is lower-case hex. */
export const digestSchema = lineSchema(DIGEST_EXPECTED, {
  max: 64,
  pattern: /^(?:[0-9a-fA-F]{64}|sha256-[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=)$/,
}).transform((text) =>
  text.startsWith('sha256-') ? Buffer.from(text.slice(7), 'base64').toString('hex') : text.toLowerCase(),
);

function isPublicKey(pem: string): boolean {
  // createPublicKey also derives one from a private key, which has no business in a host's options.
  if (!pem.trimStart().startsWith('-----BEGIN PUBLIC KEY-----')) return false;
  try {
    return signingKeyKind(createPublicKey(pem)) !== undefined;
  } catch {
    return false;
  }
}
