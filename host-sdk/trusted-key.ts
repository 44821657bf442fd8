import { createPublicKey } from 'node:crypto';
import { z } from 'zod';
import { lineSchema, listSchema, strictObject, withoutUndefined } from '../src/manifest/schema-parts.js';

/** A public key whose signatures count. */
export interface TrustedKey {
  /** SPKI in PEM: `-----BEGIN PUBLIC KEY-----`. */
  readonly pem: string;
  /** For messages. */
  readonly id?: string;
  /** Plugins that it may sign: names, `@scope/*`, or `*`. */
  readonly scopes: readonly string[];
  /** Milliseconds since the epoch. */
  readonly notBefore?: number;
  readonly notAfter?: number;
  /** Signatures of it never count, whenever they were made. */
  readonly revoked: boolean;
}

const PEM_EXPECTED =
  'a public key in PEM ("-----BEGIN PUBLIC KEY-----"), or an object { pem, id, scopes, notBefore, notAfter, revoked }';
const DATE_EXPECTED = 'a date such as "2026-01-31T00:00:00Z"';
const SCOPE_EXPECTED = 'a plugin name, "@scope/*" or "*"';
const SCOPE = /^(?:\*|@[a-z0-9][a-z0-9._-]*\/\*|(?:@[a-z0-9][a-z0-9._-]*\/)?[a-z0-9][a-z0-9._-]*)$/;

const pemSchema = z
  .string({ error: PEM_EXPECTED })
  .max(16_384, { error: PEM_EXPECTED, abort: true })
  .refine(isPublicKey, { error: PEM_EXPECTED })
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

function isPublicKey(pem: string): boolean {
  // createPublicKey also derives one from a private key, which has no business in a host's options.
  if (!pem.trimStart().startsWith('-----BEGIN PUBLIC KEY-----')) return false;
  try {
    createPublicKey(pem);
    return true;
  } catch {
    return false;
  }
}
