import { z } from 'zod';
import type { Contribution } from './manifest.js';
import { lineSchema, listSchema, mapSchema, strictObject } from './schema-parts.js';

const EXPORT = 'the name of an exported function';
const PRIORITY = 'a whole number from -1000000 to 1000000';
const EXPECTED = 'the name of an export, { "export", "priority" }, or a list of these objects';
const POINT = 'the name of an extension point such as "notes.render"';

/** Names that the application gives its extension points. */
export const extensionNameSchema = lineSchema(POINT, { max: 128, pattern: /^(?!__proto__$)[!-~]+$/ });

const exportName = lineSchema(EXPORT, { max: 256 });

const entrySchema = strictObject(
  {
    export: exportName.meta({ description: 'The function that is called.' }),
    priority: z
      .int({ error: PRIORITY })
      .min(-1_000_000, { error: PRIORITY })
      .max(1_000_000, { error: PRIORITY })
      .meta({ description: 'The higher is called first.', default: 0 })
      .optional(),
  },
  EXPECTED,
);

/** `contributes` of plugin.json: what a plugin adds to the extension points of its application. */
export const contributesSchema = mapSchema(
  extensionNameSchema,
  z
    .union(
      [
        exportName,
        entrySchema,
        listSchema(entrySchema, EXPECTED, { max: 32, min: 1, identity: (entry) => entry.export }),
      ],
      { error: EXPECTED },
    )
    .transform((value): readonly Contribution[] => {
      const list = typeof value === 'string' ? [{ export: value }] : Array.isArray(value) ? value : [value];
      return list.map((entry) => ({ export: entry.export, priority: entry.priority ?? 0 }));
    }),
  'an object of extension points and exports',
  { max: 128 },
);
