import type { Schema } from '../../src/bridge/standard-schema.js';
import { type WireType, wireTypeOfJsonSchema } from '../../src/manifest/json-schema-kind.js';
import { isJsonSchemaContract } from './json-schema.js';

/** What of zod's schemas is read here; whatever has no such thing travels as JSON. */
interface Definition {
  readonly type?: unknown;
  readonly innerType?: { readonly def?: Definition };
  readonly in?: { readonly def?: Definition };
  readonly out?: { readonly def?: Definition };
  readonly entries?: Readonly<Record<string, unknown>>;
  readonly values?: readonly unknown[];
}

const MAX_LAYERS = 32;

/**
 * A schema of text is text and one of a `Uint8Array` is bytes, also where they are optional or have a default; all
 * others are JSON. `side` says which end of a schema that changes values touches the guest.
 */
export function wireType(schema: Schema, side: 'input' | 'output'): WireType {
  if (isJsonSchemaContract(schema)) return wireTypeOfJsonSchema(schema.jsonSchema);
  let def = (schema as { readonly def?: Definition }).def;
  for (let layer = 0; layer < MAX_LAYERS && def !== undefined; layer++) {
    switch (def.type) {
      case 'string':
      case 'template_literal':
        return 'text';
      case 'enum':
        return Object.values(def.entries ?? {}).every(isText) ? 'text' : 'json';
      case 'literal':
        return def.values?.every(isText) ? 'text' : 'json';
      case 'custom':
        return takesBytes(schema) ? 'bytes' : 'json';
      case 'pipe':
        def = side === 'input' ? def.in?.def : def.out?.def;
        break;
      default:
        def = def.innerType?.def;
    }
  }
  return 'json';
}

const isText = (value: unknown): boolean => typeof value === 'string';

/** `z.instanceof(Uint8Array)` says what it takes only when it is asked. */
function takesBytes(schema: Schema): boolean {
  try {
    const result = schema['~standard'].validate(new Uint8Array());
    return !(result instanceof Promise) && !result.issues;
  } catch {
    return false;
  }
}
