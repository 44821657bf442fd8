import { z } from 'zod';
import { wireTypeOfJsonSchema } from './json-schema-kind.js';
import type { ImportDescription, ImportValue } from './manifest.js';
import { lineSchema, listSchema, mapSchema, strictObject, withoutUndefined } from './schema-parts.js';

const TYPES = ['text', 'bytes', 'json', 'i32', 'i64', 'f32', 'f64'] as const;
const VALUE = `one of ${TYPES.join(', ')}, or an object { name, type, schema } with "type" or "schema"`;
const RESULT = `void, ${VALUE}`;
const FUNCTION = 'the name of a host function such as "kv_read"';
const NAME = 'a name of letters, digits and "_", such as "key"';
const SCHEMA = 'a JSON Schema as an object';
const NAMESPACE = 'the module that it is imported from, such as "extism:host/user"';

/** Where host functions are imported from, unless said otherwise. */
export const HOST_FUNCTION_NAMESPACE = 'extism:host/user';

const typeSchema = z.enum(TYPES, { error: VALUE });

const describedSchema = strictObject(
  {
    name: lineSchema(NAME, { max: 64, pattern: /^[A-Za-z_][A-Za-z0-9_]*$/ })
      .meta({ description: 'What the parameter is called in bindings and messages.' })
      .optional(),
    type: typeSchema
      .meta({ description: 'How it crosses: by default what the schema is about, text, bytes or JSON.' })
      .optional(),
    schema: z
      .record(z.string(), z.unknown(), { error: SCHEMA })
      .meta({ description: 'JSON Schema of the value.' })
      .optional(),
  },
  VALUE,
).refine(({ type, schema }) => type !== undefined || schema !== undefined, { error: VALUE });

function read(value: string | z.output<typeof describedSchema>): ImportValue {
  if (typeof value === 'string') return { type: value as ImportValue['type'] };
  const type = value.type ?? wireTypeOfJsonSchema(value.schema!);
  return withoutUndefined({ ...value, type });
}

const paramSchema = z.union([typeSchema, describedSchema], { error: VALUE }).transform(read);
const resultSchema = z
  .union([z.literal('void', { error: RESULT }), typeSchema, describedSchema], { error: RESULT })
  .transform((value): ImportValue | undefined => (value === 'void' ? undefined : read(value)));

const importSchema = strictObject(
  {
    description: lineSchema('a text of one line', { max: 1000 })
      .meta({ description: 'What it does.' })
      .optional(),
    namespace: lineSchema(NAMESPACE, { max: 256, pattern: /^(?!__proto__$)[!-~]+$/ })
      .meta({
        description: 'The module that the guest imports it from.',
        default: HOST_FUNCTION_NAMESPACE,
      })
      .optional(),
    params: listSchema(paramSchema, 'a list of types', { max: 16 })
      .meta({ description: 'Its parameters.', default: [] })
      .optional(),
    result: resultSchema.meta({ description: 'Its result.', default: 'void' }).optional(),
  },
  'an object { description, namespace, params, result }',
).transform(
  ({ namespace, params, ...rest }): ImportDescription => ({
    ...withoutUndefined(rest),
    namespace: namespace ?? HOST_FUNCTION_NAMESPACE,
    params: params ?? [],
  }),
);

/** `imports` of plugin.json: the host functions that a plugin calls, described. */
export const importsSchema = mapSchema(
  lineSchema(FUNCTION, { max: 256, pattern: /^(?!__proto__$)[!-~]+$/ }),
  importSchema,
  'an object of host functions and their descriptions',
  { max: 256 },
);
