import type { Schema } from '../../src/bridge/standard-schema.js';
import { cordonError } from '../../src/errors/cordon-error.js';
import { deepFreeze } from '../../src/manifest/deep-freeze.js';
import { isBytesSchema } from '../../src/manifest/json-schema-kind.js';
import { snapshotData } from '../../src/manifest/snapshot.js';
import { type JsonIssue, JsonSchemaCheck, unchecked } from './json-schema-check.js';

/** A schema that was made of a JSON Schema, which it keeps. */
export interface JsonSchemaContract<T = unknown> extends Schema<T> {
  readonly jsonSchema: Readonly<Record<string, unknown>>;
}

const made = new WeakSet<object>();

export function isJsonSchemaContract(schema: object): schema is JsonSchemaContract {
  return made.has(schema);
}

/**
 * A JSON Schema (draft 2020-12) as a schema for `definePlugin`, `defineHostFunction` and extension points; `T` is what you say
 * it is. A schema of `"type": "string"` is about text as it is, and `{ "contentMediaType": "application/octet-stream" }` is about
 * bytes. Values are checked and not changed: a `default` fills in nothing. A check takes a million steps at most; `pattern`,
 * `patternProperties` and `format` are not looked at. `cordon types` writes calls of this.
 *
 * @example
 * const count = jsonSchema<{ n: number }>({ type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] });
 * @throws ERR_OPTIONS for what is no JSON Schema, refers to nothing or to other documents, or has `unevaluatedProperties`,
 * `unevaluatedItems` or `$dynamicRef`
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
  const issues = isBytesSchema(json) ? bytesIssues : issuesBy(json);
  const contract: JsonSchemaContract<T> = Object.freeze({
    jsonSchema: json,
    '~standard': Object.freeze({
      version: 1 as const,
      vendor: 'cordon',
      validate: (value: unknown) => {
        const found = issues(value);
        return found.length === 0 ? { value: value as T } : { issues: found };
      },
    }),
  });
  made.add(contract);
  return contract;
}

function bytesIssues(value: unknown): readonly JsonIssue[] {
  return value instanceof Uint8Array ? [] : [{ path: [], message: 'expected bytes' }];
}

function issuesBy(json: Readonly<Record<string, unknown>>): (value: unknown) => readonly JsonIssue[] {
  const why = unchecked(json);
  if (why !== undefined) throw refused(why);
  const check = new JsonSchemaCheck(json);
  return (value) => check.issues(value);
}

function refused(why: string): Error {
  return cordonError('ERR_OPTIONS', `jsonSchema: the JSON Schema cannot be used: ${why}.`);
}
