import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { DEFAULT_LIMITS } from '../../src/manifest/limits.js';
import { manifestJsonSchema } from '../../src/manifest/manifest-json-schema.js';
import { parseManifest, parseManifestJson } from '../../src/manifest/parse-manifest.js';
import {
  fillTables,
  markdownTable,
  propertyTable,
  type SchemaNode,
  withoutPadding,
} from './reference-table.js';

const PAGE = fileURLToPath(new URL('../../docs/reference/manifest.md', import.meta.url));
const schema = manifestJsonSchema() as unknown as SchemaNode & {
  readonly $defs: Readonly<Record<string, SchemaNode>>;
};

const KINDS: Readonly<Record<string, string>> = {
  name: "A name by npm's rules: lower case, with a scope or without, at most 214 characters: `markdown`, `@acme/markdown`.",
  version: 'A semver version: `1.2.0`, `2.0.0-rc.1`.',
  range: 'A semver range as npm reads it: `^1.2.0`, `>=3 <5 || 6.x`. No tags such as `latest`.',
  path: "A file in the plugin's folder: relative, `/` between, without `..` and `:`.",
  module: 'An object as in [`wasm`](#wasm).',
  httpRule: 'A text or an object as in [Rules for HTTP](#rules-for-http).',
  size: 'A whole number of bytes, or a text: `"64KB"` (1000), `"32MiB"` (1024), `"1.5 GiB"`; units `B`, `KB` to `TB`, `KiB` to `TiB`.',
  duration: 'Milliseconds from 0 to 2 147 483 647 (24 days), fractions too.',
  count: 'A whole number from 0.',
  percent: 'A number from 0; 100 is one core.',
};

function definition(name: string): SchemaNode {
  const node = schema.$defs[name];
  if (node === undefined) throw new Error(`The schema has no definition ${name}.`);
  return node;
}

function objectIn(node: SchemaNode | undefined): SchemaNode {
  const found =
    node?.properties === undefined ? node?.anyOf?.find((branch) => branch.properties !== undefined) : node;
  if (found === undefined) throw new Error('The schema has no object there.');
  return found;
}

const { properties = {} } = schema;
const { properties: permissions = {} } = properties.permissions ?? {};

const limitDefaults = Object.fromEntries(
  Object.entries(DEFAULT_LIMITS).map(([key, value]) => [key, limitText(key, value)]),
);

function limitText(key: string, value: number): string {
  if (value === Number.POSITIVE_INFINITY) return 'none';
  if (!/Bytes/.test(key)) return value.toLocaleString('en-US').replaceAll(',', ' ');
  return value >= 2 ** 20 ? `${value / 2 ** 20} MiB` : `${value / 2 ** 10} KiB`;
}

test('the tables of docs/reference/manifest.md are those of the schema', async () => {
  expect(Object.keys(KINDS).sort()).toEqual(Object.keys(schema.$defs).sort());
  const current = readFileSync(PAGE, 'utf8');
  const page = fillTables(current, {
    fields: propertyTable(schema),
    exports: propertyTable(objectIn(properties.exports?.additionalProperties as SchemaNode)),
    imports: propertyTable(objectIn(properties.imports?.additionalProperties as SchemaNode)),
    module: propertyTable(definition('module')),
    permissions: propertyTable(objectIn(properties.permissions)),
    httpRule: propertyTable(objectIn(definition('httpRule'))),
    fs: propertyTable(objectIn(permissions.fs)),
    writeMount: propertyTable(
      objectIn(objectIn(permissions.fs).properties?.write?.additionalProperties as SchemaNode),
    ),
    hostFunction: propertyTable(objectIn(permissions.hostFunctions?.items)),
    limits: propertyTable(objectIn(properties.limits), limitDefaults),
    kinds: markdownTable(['kind', 'is'], Object.entries(KINDS)),
  });
  const same = withoutPadding(page) === withoutPadding(current);
  await expect(same ? current : page).toMatchFileSnapshot(PAGE);
});

test('the example of the page is a manifest, and its error is what Cordon says', () => {
  const page = readFileSync(PAGE, 'utf8');
  const example = /```json\n([\s\S]*?)```/.exec(page)![1]!;
  expect(parseManifestJson(example).limits).toEqual({ memoryBytes: 32 * 2 ** 20, timeoutMs: 1000 });
  const text = /```text\n([\s\S]*?)\n```/.exec(page)![1]!;
  const wrong = example
    .replace('["https://api.github.com"]', '[{ "host": "api.github.com", "port": 443 }]')
    .replace('"32MiB"', '"32 megs"');
  expect(() => parseManifestJson(wrong, { file: 'plugins/markdown/plugin.json' })).toThrow(
    expect.objectContaining({ message: text }),
  );
});

test('the defaults of the page are those that the parser fills in', () => {
  const manifest: Record<string, unknown> = {
    ...parseManifest({ manifestVersion: 1, name: 'a', version: '1.0.0' }),
  };
  for (const [key, { default: value }] of Object.entries(properties)) {
    if (value === undefined) continue;
    const filled = parseManifest({ manifestVersion: 1, name: 'a', version: '1.0.0', [key]: value });
    expect((filled as unknown as Record<string, unknown>)[key]).toEqual(manifest[key]);
  }
});
