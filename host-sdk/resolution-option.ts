import { z } from 'zod';
import { lineSchema, listSchema, strictObject } from '../src/manifest/schema-parts.js';
import { formatSpec, type PluginSpec, parseSpec } from '../src/resolver/spec.js';
import type { RefusedVersions, RefuseVersion } from '../src/runtime/version-rules.js';

const AGE_EXPECTED = 'milliseconds from 0, or Infinity';
const SPEC_EXPECTED = 'a plugin name, or a name and range such as "@acme/markdown@<1.4.2"';
const ENTRY_EXPECTED = `${SPEC_EXPECTED}, or an object { spec, reason }`;
const REFUSE_EXPECTED = 'a function from a version to a reason or undefined, or a list of specs';

const specSchema = lineSchema(SPEC_EXPECTED, { max: 1024 })
  .refine(isSpec, { error: SPEC_EXPECTED })
  .transform((text): PluginSpec => parseSpec(text));

const entrySchema = z.union(
  [
    specSchema.transform((spec): RefusedVersions => spec),
    strictObject(
      { spec: specSchema, reason: lineSchema('a text of one line', { max: 1024 }).optional() },
      'an object { spec, reason }',
    ).transform(({ spec, reason }): RefusedVersions => Object.freeze({ ...spec, reason })),
  ],
  { error: ENTRY_EXPECTED },
);

const refusedSchema = listSchema(entrySchema, REFUSE_EXPECTED, {
  max: 10_000,
  identity: formatSpec,
}).readonly();

type RefuseInput = RefuseVersion | z.input<typeof refusedSchema>;

// Not a union: its problems would be told in general, and not by the entry that is wrong.
const refuseSchema = z.unknown().transform((value, context) => {
  if (typeof value === 'function') return value as RefuseVersion;
  const { success, data, error } = refusedSchema.safeParse(value);
  if (success) return data;
  for (const issue of error.issues) context.issues.push({ ...issue, input: value } as z.core.$ZodRawIssue);
  return z.NEVER;
}) as unknown as z.ZodType<RefuseVersion | readonly RefusedVersions[], RefuseInput>;

/** Which versions may be used. */
export const resolutionSchema = strictObject(
  {
    /** Versions that were published less than so long ago are left out. Default 0: none. */
    minimumReleaseAgeMs: z
      .union(
        [
          z.literal(Number.POSITIVE_INFINITY, { error: AGE_EXPECTED }),
          z.number({ error: AGE_EXPECTED }).min(0, { error: AGE_EXPECTED }),
        ],
        { error: AGE_EXPECTED },
      )
      .default(0),
    /** Versions that are kept out. Default `[]`. */
    refuse: refuseSchema.prefault([]),
  },
  'an object { minimumReleaseAgeMs, refuse }',
).readonly();

function isSpec(text: string): boolean {
  try {
    parseSpec(text);
    return true;
  } catch {
    return false;
  }
}
