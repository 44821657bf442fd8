import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
  callOptionsSchema,
  closeOptionsSchema,
  loadOptionsSchema,
  parseCallOptions,
  parseCloseOptions,
  parseLoadOptions,
  parseReloadOptions,
  parseUnloadOptions,
  reloadOptionsSchema,
  unloadOptionsSchema,
} from '../../host-sdk/call-options.js';
import { type HostOptions, hostOptionsSchema, parseHostOptions } from '../../host-sdk/options.js';
import { trustedKeySchema } from '../../host-sdk/trusted-key.js';
import { withoutPadding } from '../manifest/reference-table.js';

const PAGE = withoutPadding(
  readFileSync(new URL('../../docs/reference/options.md', import.meta.url), 'utf8'),
);

/** Defaults that are no plain value: what the page says of them, and whether the parser agrees. */
const IN_WORDS: Readonly<Record<string, [string, (value: unknown) => boolean]>> = {
  onPermissionRequest: ['deny', (value) => value === undefined],
  limits: ['see there', () => true],
  'threads.max': ['availableParallelism()', (value) => value === availableParallelism()],
  'validation.features': ['those of the running Node', (value) => value === undefined],
  logger: ['pino at `info`', (value) => (value as { level?: string }).level === 'info'],
};

/** Option and default of each row in the first table after `heading`. */
function rowsAfter(heading: string): Map<string, string> {
  const section = PAGE.slice(PAGE.indexOf(`\n${heading}\n`) + heading.length + 2).split(/\n#+ /)[0]!;
  const rows = [...section.matchAll(/^\| `([\w.]+)` \| .+ \| (.+) \|$/gm)].map(
    (row) => [row[1]!, row[2]!] as const,
  );
  return new Map(rows);
}

interface JsonNode {
  readonly properties?: Readonly<Record<string, JsonNode>>;
}

/** Every option, those of groups with the name of the group; `limits` has its table elsewhere. */
function optionsOf(schema: z.ZodType): string[] {
  const { properties = {} } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonNode;
  return Object.entries(properties).flatMap(([key, node]) =>
    node.properties === undefined || key === 'limits'
      ? [key]
      : Object.keys(node.properties).map((inner) => `${key}.${inner}`),
  );
}

function valueAt(options: object, path: string): unknown {
  return path.split('.').reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], options);
}

function inPage(path: string, value: unknown): string {
  if (value === undefined) return 'none';
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    return `\`${typeof value === 'number' ? value : JSON.stringify(value).replace('{"*":"shared"}', '{ "*": "shared" }')}\``;
  }
  if (!path.endsWith('Bytes')) return `\`${String(value).replace(/\B(?=(\d{3})+$)/g, ' ')}\``;
  return value >= 2 ** 30 ? `\`${value / 2 ** 30} GiB\`` : `\`${value / 2 ** 20} MiB\``;
}

describe.each<[string, z.ZodType, object]>([
  ['## `createHost(options)`', hostOptionsSchema, parseHostOptions()],
  ['### `load(spec, options)`', loadOptionsSchema, parseLoadOptions()],
  ['### `call(name, fn, input, options)`', callOptionsSchema, parseCallOptions()],
  ['### `unload(name, options)`', unloadOptionsSchema, parseUnloadOptions()],
  ['### `reload(name, options)`', reloadOptionsSchema, parseReloadOptions()],
  ['### `close(options)`', closeOptionsSchema, parseCloseOptions()],
])('%s of docs/reference/options.md', (heading, schema, defaults) => {
  const rows = rowsAfter(heading);

  test('has every option, in the order of the schema, and no other', () => {
    expect([...rows.keys()]).toEqual(optionsOf(schema));
  });

  test('has the defaults that the parser fills in', () => {
    for (const [path, written] of rows) {
      const value = valueAt(defaults, path);
      const [words, holds] = IN_WORDS[path] ?? [inPage(path, value), () => true];
      expect([path, written.replace(/^`(deny|availableParallelism\(\))`$/, '$1')]).toEqual([path, words]);
      expect(holds(value)).toBe(true);
    }
  });
});

test('the table of trusted keys has every key', () => {
  const { anyOf = [] } = z.toJSONSchema(trustedKeySchema, { io: 'input' }) as { anyOf?: JsonNode[] };
  const keys = anyOf.flatMap(({ properties = {} }) => Object.keys(properties));
  expect([...rowsAfter('### Trusted keys').keys()]).toEqual(keys);
});

test('the error on the page is what Cordon says', () => {
  const text = /```text\n([\s\S]*?)\n```/.exec(PAGE)![1]!;
  const wrong = { catalogue: [], limits: { timeoutMs: '2s' } } as unknown as HostOptions;
  expect(() => parseHostOptions(wrong)).toThrow(expect.objectContaining({ message: text }));
});
