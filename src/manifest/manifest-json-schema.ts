import { z } from 'zod';
import { manifestSchema } from './manifest-schema.js';

/**
 * The JSON Schema (draft 2020-12) of plugin.json, for editors: what {@link manifestSchema} says field by field. What
 * needs more than one field or a parser (duplicates, semver ranges, odd forms of addresses) only Cordon itself checks.
 */
export function manifestJsonSchema(): Record<string, unknown> {
  return {
    ...z.toJSONSchema(manifestSchema, {
      io: 'input',
      target: 'draft-2020-12',
      override: ({ zodSchema, jsonSchema }) => {
        // Zod leaves out the default of whatever is transformed; those here are of the input's form.
        const { default: value } = z.globalRegistry.get(zodSchema) ?? {};
        if (value !== undefined) jsonSchema.default = value as typeof jsonSchema.default & {};
      },
    }),
    title: 'plugin.json of a Cordon plugin',
  };
}
