import { z } from 'zod';
import { pluginNameSchema } from '../src/manifest/plugin-name.js';
import { mapSchema, strictObject } from '../src/manifest/schema-parts.js';

const name = z.union([z.literal('*'), pluginNameSchema], { error: 'a plugin name, or "*" for all' });

/** `plugins` of the options of `createHost`: what the application says of plugins beside what they may do. */
export const pluginsSchema = mapSchema(
  name,
  strictObject(
    {
      /** What happens where it cannot be loaded or started: `'fail'`, or it is left out. Default `'fail'`. */
      failurePolicy: z.enum(['fail', 'skip'], { error: '"fail" or "skip"' }).optional(),
      /** Its instances stay while nobody calls it, and are not given up for budgets. Default `false`. */
      pinned: z.boolean({ error: 'true or false' }).optional(),
    },
    'an object { failurePolicy, pinned }',
  ).readonly(),
  'an object of { failurePolicy, pinned } by plugin name',
  { max: 10_000 },
);
