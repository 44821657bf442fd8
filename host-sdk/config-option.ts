import { z } from 'zod';
import { MIN_SECRET_LENGTH } from '../src/log/redaction.js';
import { configKeySchema, configTextSchema } from '../src/manifest/manifest-schema.js';
import { pluginNameSchema } from '../src/manifest/plugin-name.js';
import { mapSchema, passThrough } from '../src/manifest/schema-parts.js';

/** A config text that is never to be seen in logs, events or errors. */
export interface SecretText {
  readonly secret: string;
}

const EXPECTED = `a text, or { secret } with a text of ${MIN_SECRET_LENGTH} to 65536 characters`;

// Judged as a whole: a message about one part of it would show what was found there.
const secretSchema = passThrough<SecretText>((value) => {
  if (typeof value !== 'object' || value === null || Object.keys(value).join() !== 'secret') return false;
  const { secret } = value as SecretText;
  return typeof secret === 'string' && secret.length >= MIN_SECRET_LENGTH && secret.length <= 65_536;
}, EXPECTED);

/** The option `config` of `createHost`. */
export const hostConfigSchema = mapSchema(
  pluginNameSchema,
  mapSchema(
    configKeySchema,
    z.union([configTextSchema, secretSchema], { error: EXPECTED }),
    'an object of config keys and texts',
    { max: 256 },
  ),
  'an object of configs by plugin name',
  { max: 10_000 },
);
