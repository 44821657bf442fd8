import { expect, expectTypeOf, test } from 'vitest';
import { defineManifest, type Manifest, type ManifestInput } from '../../host-sdk/manifest.js';
import { parseHostOptions } from '../../host-sdk/options.js';
import { ManifestError } from '../../src/errors/cordon-error.js';
import { parseManifest } from '../../src/manifest/parse-manifest.js';

const MARKDOWN = {
  manifestVersion: 1,
  name: '@acme/markdown',
  version: '1.2.0',
  permissions: { http: ['api.github.com', { host: '*.example.com', ports: [443] }] },
  limits: { memoryBytes: '32MiB' },
  instance: { pool: 4 },
} as const;

test('a manifest in TypeScript is what plugin.json would be', () => {
  const manifest = defineManifest(MARKDOWN);
  expect(JSON.parse(JSON.stringify(manifest))).toEqual(MARKDOWN);
  expect(Object.isFrozen(manifest.permissions)).toBe(true);
});

test('a manifest in TypeScript goes into the catalog with its bytes', () => {
  const manifest = defineManifest(MARKDOWN);
  const { catalog } = parseHostOptions({ catalog: { manifest, wasm: new Uint8Array(8) } });
  expect(catalog).toHaveLength(1);
  expect(parseManifest(manifest).limits.memoryBytes).toBe(32 * 2 ** 20);
});

test('a manifest in TypeScript is refused as a plugin.json would be', () => {
  // @ts-expect-error a key that is not in the schema
  expect(() => defineManifest({ ...MARKDOWN, dependancies: {} })).toThrow(ManifestError);
  // @ts-expect-error a text where a number belongs
  expect(() => defineManifest({ ...MARKDOWN, priority: 'high' })).toThrow(/priority: found "high"/);
  expect(() => defineManifest({ ...MARKDOWN, limits: { timeoutMs: Infinity } })).toThrow(
    /timeoutMs: found Infinity/,
  );
});

test('the types of what is written and of what is read fit together', () => {
  expectTypeOf(MARKDOWN).toExtend<ManifestInput>();
  expectTypeOf<Manifest>().toExtend<ManifestInput>();
  expectTypeOf(parseManifest).returns.toEqualTypeOf<Manifest>();
  expectTypeOf<ManifestInput['limits']>().toExtend<
    { readonly memoryBytes?: number | string | undefined } | undefined
  >();
});
