import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { manifestJsonSchema } from '../../src/manifest/manifest-json-schema.js';

const FIXTURES = new URL('../fixtures/manifests/', import.meta.url);
const COMMITTED = fileURLToPath(new URL('../../docs/reference/plugin.schema.json', import.meta.url));
const schema = manifestJsonSchema();

/** What is wrong in a way that no single field shows, so that an editor's schema lets it pass. */
const BEYOND_THE_SCHEMA = [
  'dependency-both-ways',
  'depends-on-itself',
  'engines',
  'http-rule-twice',
  'module-file-missing',
  'module-list-empty',
  'module-missing',
  'module-of-the-host',
  'module-single-other-name',
  'modules-same-name',
  'modules-without-main',
  'modules-without-name',
  'mounts-in-conflict',
  'name-reserved',
  'proto-key-inside',
  'range-is-a-tag',
  'wasm-http-without-integrity',
  'wasm-path-and-url',
];

function accepted(folder: string): { yes: string[]; no: string[] } {
  // Zod reads a JSON Schema as other validators do, and knows nothing here of the schema that it was made from.
  const validator = z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]);
  const result = { yes: [] as string[], no: [] as string[] };
  for (const file of readdirSync(new URL(folder, FIXTURES)).sort()) {
    if (!file.endsWith('.json') || file.endsWith('.parsed.json')) continue;
    let value: unknown;
    try {
      value = JSON.parse(readFileSync(new URL(folder + file, FIXTURES), 'utf8').replace(/^\ufeff/, ''));
    } catch {
      continue;
    }
    result[validator.safeParse(value).success ? 'yes' : 'no'].push(file.slice(0, -'.json'.length));
  }
  return result;
}

test('the committed JSON Schema is what the schema of plugin.json gives', async () => {
  await expect(`${JSON.stringify(schema, null, 2)}\n`).toMatchFileSnapshot(COMMITTED);
});

test('the JSON Schema takes every valid manifest', () => {
  const { yes, no } = accepted('valid/');
  expect(no).toEqual([]);
  expect(yes.length).toBeGreaterThanOrEqual(10);
});

test('the JSON Schema refuses every invalid manifest but those that take more than one field to see', () => {
  const { yes, no } = accepted('invalid/');
  expect(yes).toEqual(BEYOND_THE_SCHEMA);
  expect(no.length).toBeGreaterThanOrEqual(40);
});

/** The paths of all properties in a schema that have no description. */
function undescribed(node: unknown, path: string): string[] {
  if (typeof node !== 'object' || node === null) return [];
  const { properties = {}, items, anyOf = [], $defs = {} } = node as Record<string, object>;
  return [
    ...Object.entries(properties).flatMap(([key, value]) => [
      ...('description' in value ? [] : [`${path}.${key}`]),
      ...undescribed(value, `${path}.${key}`),
    ]),
    ...undescribed(items, `${path}[]`),
    ...Object.values(anyOf).flatMap((branch) => undescribed(branch, path)),
    ...Object.entries($defs).flatMap(([name, definition]) => undescribed(definition, name)),
  ];
}

test('every key has a description, and editors may name the schema with $schema', () => {
  expect(undescribed(schema, '')).toEqual([]);
  expect(schema.properties).toHaveProperty('$schema');
});
