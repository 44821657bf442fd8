import { z } from 'zod';
import type { Schema } from '../../src/bridge/standard-schema.js';
import { cordonError } from '../../src/errors/cordon-error.js';
import { deepFreeze } from '../../src/manifest/deep-freeze.js';
import { isBytesSchema } from '../../src/manifest/json-schema-kind.js';
import { snapshotData } from '../../src/manifest/snapshot.js';

/** A schema that was made of a JSON Schema, which it keeps. */
export interface JsonSchemaContract<T = unknown> extends Schema<T> {
  readonly jsonSchema: Readonly<Record<string, unknown>>;
}

const made = new WeakSet<object>();

export function isJsonSchemaContract(schema: object): schema is JsonSchemaContract {
  return made.has(schema);
}

/**
 * A JSON Schema (draft 2020-12, within what zod's `fromJSONSchema` reads) as a schema for `definePlugin`,
 * `defineHostFunction` and extension points; `T` is what you say it is. A schema of `"type": "string"` is about text as it
 * is, and `{ "contentMediaType": "application/octet-stream" }` is about bytes. Values are checked and not changed: a
 * `default` fills in nothing. `cordon types` writes calls of this.
 *
 * @example
 * const count = jsonSchema<{ n: number }>({ type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] });
 * @throws ERR_OPTIONS for what is no JSON Schema, or says more than can be checked, such as `not` and `if`
 */
export function jsonSchema<T = unknown>(schema: Readonly<Record<string, unknown>>): JsonSchemaContract<T> {
  const copy = snapshotData(schema);
  if (!copy.ok) {
    const { path, found, expected } = copy.problem;
    throw refused(`${path && `${path}: `}found ${found}, expected ${expected}`);
  }
  if (typeof copy.value !== 'object' || copy.value === null || Array.isArray(copy.value)) {
    throw refused('found no object');
  }
  const json = deepFreeze(copy.value as Record<string, unknown>);
  const checker = checkerOf(json);
  const contract: JsonSchemaContract<T> = Object.freeze({
    jsonSchema: json,
    '~standard': Object.freeze({
      version: 1 as const,
      vendor: 'cordon',
      validate: (value: unknown) => {
        const result = checker.safeParse(value);
        return result.success ? { value: value as T } : { issues: result.error.issues };
      },
    }),
  });
  made.add(contract);
  return contract;
}

function checkerOf(json: Readonly<Record<string, unknown>>): z.ZodType {
  if (isBytesSchema(json)) return z.instanceof(Uint8Array, { error: 'expected bytes' });
  try {
    return z.fromJSONSchema(structuredClone(json) as Parameters<typeof z.fromJSONSchema>[0]);
  } catch (cause) {
    throw refused((cause as Error).message, cause);
  }
}

function refused(why: string, cause?: unknown): Error {
  return cordonError('ERR_OPTIONS', `jsonSchema: the JSON Schema cannot be used: ${why}.`, { cause });
}
