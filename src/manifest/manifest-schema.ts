import { z } from 'zod';
import { contributesSchema } from './contributes.js';
import { deepFreeze } from './deep-freeze.js';
import { importsSchema } from './imports-schema.js';
import { manifestLimitsSchema } from './limits-schema.js';
import type { ExportDescription, Manifest } from './manifest.js';
import { NO_PERMISSIONS } from './permissions.js';
import { permissionsSchema } from './permissions-schema.js';
import { pluginNameSchema } from './plugin-name.js';
import { pluginPathSchema } from './plugin-path.js';
import {
  lineSchema,
  listSchema,
  mapSchema,
  strictObject,
  withoutPrototype,
  withoutUndefined,
} from './schema-parts.js';
import { rangeSchema, versionSchema } from './semver-schemas.js';
import { wasmSchema } from './wasm-schema.js';

const LINE = 'a text of one line';
const SCHEMA_EXPECTED = 'a JSON Schema as an object';
const HOMEPAGE_EXPECTED = 'an http or https URL';
const POOL_EXPECTED = '"stateful", "per-call" or { "pool": 4 }';
const PRIORITY_EXPECTED = 'a whole number from -1000000 to 1000000';

const rangesSchema = (what: string) =>
  mapSchema(pluginNameSchema, rangeSchema, `an object of ${what} and semver ranges`, { max: 128 });

const jsonSchemaSchema = z.record(z.string(), z.unknown(), { error: SCHEMA_EXPECTED });

const exportSchema = strictObject(
  {
    description: lineSchema(LINE, { max: 1000 }).meta({ description: 'What it does.' }).optional(),
    input: jsonSchemaSchema.meta({ description: 'JSON Schema of its input.' }).optional(),
    output: jsonSchemaSchema.meta({ description: 'JSON Schema of its output.' }).optional(),
  },
  'an object { description, input, output }',
).transform((description): ExportDescription => withoutUndefined(description));

const instanceSchema = z.union(
  [
    z.enum(['stateful', 'per-call'], { error: POOL_EXPECTED }),
    strictObject(
      {
        pool: z
          .int({ error: 'a whole number from 1 to 1024' })
          .min(1, { error: 'a whole number from 1 to 1024' })
          .max(1024, { error: 'a whole number from 1 to 1024' })
          .meta({ description: 'Instances; `limits.instances` is the ceiling.' }),
      },
      POOL_EXPECTED,
    ),
  ],
  { error: POOL_EXPECTED },
);

/** Config of one plugin. */
export const configKeySchema = lineSchema('a config key', { max: 256 });
export const configTextSchema = z
  .string({ error: "a text; Extism's config holds nothing else" })
  .max(65_536, { error: 'a text of at most 65536 characters' });
export const configSchema = mapSchema(
  configKeySchema,
  configTextSchema,
  'an object of config keys and texts',
  { max: 256 },
);

/** Everything of a plugin.json that can be said field by field. */
const fieldsSchema = strictObject(
  {
    $schema: lineSchema('the address of a JSON Schema', { max: 2048 })
      .meta({ description: 'For editors; not read by Cordon.' })
      .optional(),
    manifestVersion: z
      .literal(1, { error: '1, the version of the manifest format that this Cordon reads' })
      .meta({ description: 'The version of this format.' }),
    name: pluginNameSchema.meta({ description: "The plugin's name, by npm's rules." }),
    version: versionSchema.meta({ description: "The plugin's version, semver." }),
    description: lineSchema(LINE, { max: 1000 }).meta({ description: 'What the plugin does.' }).optional(),
    author: lineSchema(LINE, { max: 256 }).meta({ description: 'Who made it.' }).optional(),
    license: lineSchema(LINE, { max: 256 }).meta({ description: 'An SPDX expression.' }).optional(),
    homepage: lineSchema(HOMEPAGE_EXPECTED, { max: 2048, pattern: /^https?:\/\/[^\s\\]+$/ })
      .refine((text) => URL.canParse(text), { error: HOMEPAGE_EXPECTED })
      .meta({ description: 'Where to read more.' })
      .optional(),
    keywords: listSchema(lineSchema('a keyword', { max: 64 }), 'a list of keywords', { max: 64 })
      .meta({ description: 'To find it by.', default: [], uniqueItems: true })
      .optional(),
    engines: rangesSchema('host APIs')
      .meta({ description: 'Versions of `cordon` and of the host’s API that it works with.', default: {} })
      .optional(),
    wasm: wasmSchema
      .meta({
        description: 'The module: a path, `{ path | url, integrity }`, or a list of these with `name`.',
      })
      .optional(),
    signature: pluginPathSchema
      .meta({ description: 'A file with the signature, relative to the manifest.' })
      .optional(),
    dependencies: rangesSchema('plugins')
      .meta({ description: 'Plugins that must be there, loaded first; it may call them.', default: {} })
      .optional(),
    optionalDependencies: rangesSchema('plugins')
      .meta({ description: 'Plugins that are loaded first where they can be had.', default: {} })
      .optional(),
    conflicts: rangesSchema('plugins')
      .meta({ description: 'Versions of plugins that cannot be in the same host.', default: {} })
      .optional(),
    provides: mapSchema(pluginNameSchema, versionSchema, 'an object of names and versions', { max: 128 })
      .meta({
        description: 'Names that it may stand in for, with the version that it counts as.',
        default: {},
      })
      .optional(),
    exports: mapSchema(
      lineSchema('the name of an exported function', { max: 256 }),
      exportSchema,
      'an object of exported functions and their descriptions',
      { max: 512 },
    )
      .meta({ description: 'The functions that the host may call, described.', default: {} })
      .optional(),
    imports: importsSchema
      .meta({
        description: 'The host functions that it calls, described; what it may call is in `permissions`.',
        default: {},
      })
      .optional(),
    contributes: contributesSchema
      .meta({
        description: 'Exports that it adds to extension points of the application, with a priority.',
        default: {},
      })
      .optional(),
    permissions: permissionsSchema.meta({ description: 'What it asks for.', default: {} }).optional(),
    limits: manifestLimitsSchema
      .meta({ description: 'What it needs at most; the host’s lower value wins.', default: {} })
      .optional(),
    config: configSchema
      .meta({ description: 'Config texts; the host may override them.', default: {} })
      .optional(),
    instance: instanceSchema
      .meta({
        description:
          '`"stateful"`: one instance, calls in order; `{ "pool": 4 }`: several alike; `"per-call"`: a fresh one for each call.',
        default: 'stateful',
      })
      .optional(),
    activation: z
      .enum(['load', 'call'], { error: '"load" or "call"' })
      .meta({ description: 'Started when loaded, or at the first call.', default: 'load' })
      .optional(),
    priority: z
      .int({ error: PRIORITY_EXPECTED })
      .min(-1_000_000, { error: PRIORITY_EXPECTED })
      .max(1_000_000, { error: PRIORITY_EXPECTED })
      .meta({
        description: 'Among plugins that could start at the same time, the higher starts first.',
        default: 0,
      })
      .optional(),
  },
  'a manifest: an object with "manifestVersion", "name" and "version"',
);

/** plugin.json → {@link Manifest}: unknown keys refused, defaults filled in, sizes in bytes, deeply frozen. */
export const manifestSchema = fieldsSchema.superRefine(checkNames).transform(normalize);

type Fields = z.output<typeof fieldsSchema>;

function checkNames(manifest: Fields, context: z.core.$RefinementCtx<Fields>): void {
  for (const key of ['dependencies', 'optionalDependencies', 'conflicts', 'provides'] as const) {
    if (manifest[key] !== undefined && Object.hasOwn(manifest[key], manifest.name)) {
      context.addIssue({ code: 'custom', path: [key, manifest.name], message: 'the name of another plugin' });
    }
  }
  for (const name of Object.keys(manifest.optionalDependencies ?? {})) {
    if (Object.hasOwn(manifest.dependencies ?? {}, name)) {
      const message = 'a plugin that is not in "dependencies" as well';
      context.addIssue({ code: 'custom', path: ['optionalDependencies', name], message });
    }
  }
}

function normalize({ $schema: _, manifestVersion, name, version, ...rest }: Fields): Manifest {
  return deepFreeze({
    manifestVersion,
    name,
    version,
    keywords: [],
    engines: withoutPrototype({}),
    wasm: [],
    dependencies: withoutPrototype({}),
    optionalDependencies: withoutPrototype({}),
    conflicts: withoutPrototype({}),
    provides: withoutPrototype({}),
    exports: withoutPrototype({}),
    imports: withoutPrototype({}),
    contributes: withoutPrototype({}),
    permissions: NO_PERMISSIONS,
    limits: {},
    config: withoutPrototype({}),
    instance: 'stateful',
    activation: 'load',
    priority: 0,
    ...withoutUndefined(rest),
  });
}
