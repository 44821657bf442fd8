import { z } from 'zod';
import type { MountTarget } from './permissions.js';
import { lineSchema, strictObject } from './schema-parts.js';
import { sizeSchema } from './size.js';

/** What a scratch mount may hold where nobody says how much. */
export const SCRATCH_BYTES = 16 * 1024 * 1024;

const HOST_EXPECTED = 'a path on the host such as "./data"';
const READ_EXPECTED = 'a path on the host such as "./data", or an object { path }';
const WRITE_EXPECTED =
  'a path on the host such as "./cache", an object { path, quotaBytes }, or { scratch: true, quotaBytes }';

const hostPathSchema = (expected: string) => lineSchema(expected, { max: 1024 });
const pathSchema = hostPathSchema(HOST_EXPECTED);

/** What is behind a guest path that is for reading: a folder. */
export const readTargetSchema = z
  .union([hostPathSchema(READ_EXPECTED), strictObject({ path: pathSchema }, READ_EXPECTED)], {
    error: READ_EXPECTED,
  })
  .transform((target): string => (typeof target === 'string' ? target : target.path));

const writeOptionsSchema = strictObject(
  {
    path: pathSchema.meta({ description: 'The folder on the host.' }).optional(),
    scratch: z
      .literal(true, { error: 'true' })
      .meta({ description: 'In memory, in place of a folder: empty at first, each instance has its own.' })
      .optional(),
    quotaBytes: sizeSchema('a size such as "10MiB"')
      .meta({ description: 'What it may hold. Default: no quota for a folder, 16 MiB for scratch.' })
      .optional(),
  },
  WRITE_EXPECTED,
).refine(({ path, scratch }) => (path === undefined) !== (scratch === undefined), {
  error: 'either "path" or "scratch": true',
});

/** What is behind a guest path that is for writing. */
export const writeTargetSchema = z
  .union([hostPathSchema(WRITE_EXPECTED), writeOptionsSchema], { error: WRITE_EXPECTED })
  .transform((target): MountTarget => {
    if (typeof target === 'string') return target;
    const { path, quotaBytes } = target;
    if (path === undefined) return { scratch: true, quotaBytes: quotaBytes ?? SCRATCH_BYTES };
    return quotaBytes === undefined ? path : { path, quotaBytes };
  });
