import { z } from 'zod';
import { isSha256Integrity } from '../../integrity/verify-integrity.js';
import { permissionsSchema } from '../../manifest/permissions-schema.js';
import { pluginNameSchema } from '../../manifest/plugin-name.js';
import { lineSchema, mapSchema, strictObject, withoutUndefined } from '../../manifest/schema-parts.js';
import { versionSchema } from '../../manifest/semver-schemas.js';
import { LOCKFILE_VERSION, type LockEntry } from './lockfile.js';

const DIGEST_EXPECTED = '"sha256-" and the base64 of 32 bytes';
const digestSchema = z
  .string({ error: DIGEST_EXPECTED })
  .refine(isSha256Integrity, { error: DIGEST_EXPECTED });

const entrySchema = strictObject(
  {
    version: versionSchema,
    source: lineSchema('the id of a catalog source', { max: 4096 }),
    manifest: digestSchema,
    modules: mapSchema(
      lineSchema('the name of a module', { max: 256 }),
      digestSchema,
      'digests by the name of a module',
      { max: 256 },
    ),
    dependencies: mapSchema(pluginNameSchema, pluginNameSchema, 'plugin names by the name of a dependency', {
      max: 1024,
    }),
    requested: z.literal(true, { error: 'true, or nothing' }).optional(),
    permissions: strictObject(
      { asked: digestSchema, granted: permissionsSchema, requested: permissionsSchema.optional() },
      'an object with "asked" and "granted"',
    )
      .transform((permissions) => withoutUndefined(permissions))
      .optional(),
  },
  'an object with "version", "source", "manifest", "modules" and "dependencies"',
).transform((entry): LockEntry => Object.freeze(withoutUndefined(entry)));

/** `plugins.lock.json`. */
export const lockfileSchema = strictObject(
  {
    lockfileVersion: z.literal(LOCKFILE_VERSION, { error: String(LOCKFILE_VERSION) }),
    plugins: mapSchema(pluginNameSchema, entrySchema, 'entries by the name of a plugin', { max: 100_000 }),
  },
  'an object with "lockfileVersion" and "plugins"',
);
