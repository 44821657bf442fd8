import { readdirSync, readFileSync } from 'node:fs';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ManifestError } from '../../src/errors/cordon-error.js';
import { checkManifest, parseManifest, parseManifestJson } from '../../src/manifest/parse-manifest.js';
import type { Problem } from '../../src/manifest/problem.js';
import { MANIFEST_BOUNDS } from '../../src/manifest/snapshot.js';
import { thrown } from '../thrown.js';

const MINIMAL = { manifestVersion: 1, name: '@acme/markdown', version: '1.2.0' } as const;
const VALID = new URL('../fixtures/manifests/valid/', import.meta.url);

function problemsOf(value: unknown): readonly Problem[] {
  return thrown(() => parseManifest(value), ManifestError).details.problems as readonly Problem[];
}

function goldenManifests(): unknown[] {
  const names = readdirSync(VALID).filter((name) => name.endsWith('.json') && !name.endsWith('.parsed.json'));
  return names.map((name) => JSON.parse(readFileSync(new URL(name, VALID), 'utf8').replace(/^\ufeff/, '')));
}

function expectFrozen(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  expect(Object.isFrozen(value)).toBe(true);
  for (const inner of Object.values(value)) expectFrozen(inner);
}

describe('a parsed manifest', () => {
  test('is frozen all the way down, and its source is not', () => {
    for (const source of goldenManifests()) {
      expectFrozen(parseManifest(source));
      expect(Object.isFrozen(source)).toBe(false);
    }
  });

  test('shares nothing with its source', () => {
    const source = {
      ...MINIMAL,
      exports: { f: { input: { type: 'string', enum: ['a'] } } },
      keywords: ['a'],
    };
    const manifest = parseManifest(source);
    source.exports.f.input.enum.push('b');
    source.keywords.push('b');
    expect(manifest.exports.f?.input).toEqual({ type: 'string', enum: ['a'] });
    expect(manifest.keywords).toEqual(['a']);
  });

  test('parses to itself', () => {
    for (const source of goldenManifests()) {
      const manifest = parseManifest(source);
      expect(parseManifest(manifest)).toEqual(manifest);
      expect(parseManifestJson(JSON.stringify(manifest))).toEqual(manifest);
    }
  });

  test('finds nothing under the names of Object.prototype', () => {
    const manifest = parseManifest({ ...MINIMAL, permissions: { fs: {} } });
    for (const map of [
      manifest.dependencies,
      manifest.config,
      manifest.exports,
      manifest.permissions.fs.read,
    ]) {
      expect((map as Record<string, unknown>).constructor).toBeUndefined();
      expect((map as Record<string, unknown>).toString).toBeUndefined();
    }
    expect(parseManifest(MINIMAL).permissions.fs.write.constructor).toBeUndefined();
  });

  test('takes undefined as absent', () => {
    const manifest = parseManifest({
      ...MINIMAL,
      description: undefined,
      limits: { fuel: undefined },
      wasm: undefined,
    });
    expect(manifest).toEqual(parseManifest({ ...MINIMAL, limits: {} }));
    expect(Object.keys(manifest)).not.toContain('description');
  });

  test('may come from another realm', () => {
    const source = runInNewContext(`({ manifestVersion: 1, name: 'a', version: '1.0.0', keywords: ['b'] })`);
    expect(parseManifest(source).keywords).toEqual(['b']);
  });
});

describe('a manifest in TypeScript', () => {
  test('comes back as it was written, copied and frozen', () => {
    const source = { ...MINIMAL, limits: { memoryBytes: '8MiB' }, description: undefined, keywords: ['a'] };
    const checked = checkManifest(source);
    expect(JSON.parse(JSON.stringify(checked))).toEqual({
      ...MINIMAL,
      limits: { memoryBytes: '8MiB' },
      keywords: ['a'],
    });
    expectFrozen(checked);
    expect(Object.isFrozen(source.keywords)).toBe(false);
    expect(parseManifest(checked)).toEqual(parseManifest(source));
  });
});

describe('a refusal', () => {
  test('names the plugin where its name could be read', () => {
    const error = thrown(
      () => parseManifest({ ...MINIMAL, priority: 'high' }, { file: 'a/plugin.json' }),
      ManifestError,
    );
    expect(error).toMatchObject({
      code: 'ERR_MANIFEST',
      fault: 'author',
      plugin: '@acme/markdown',
      version: '1.2.0',
    });
    expect(error.message.split('\n')[0]).toBe('a/plugin.json has 1 problem:');
    expect(error.details).toEqual({
      file: 'a/plugin.json',
      problems: [{ path: 'priority', found: '"high"', expected: 'a whole number from -1000000 to 1000000' }],
    });
    expect(thrown(() => parseManifest({ ...MINIMAL, name: '../x' }), ManifestError).plugin).toBeUndefined();
  });

  test('names the line and the column where the manifest is a text', () => {
    const text =
      '{\n  "manifestVersion": 1,\n  "name": "a",\n  "version": "1.0.0",\n  "limits": {\n    "fuel": "x"\n  }\n}';
    expect(thrown(() => parseManifestJson(text), ManifestError).details.problems).toEqual([
      { path: 'limits.fuel', found: '"x"', expected: 'a whole number from 0', line: 6, column: 5 },
    ]);
  });

  test('keeps a hostile file name on one line', () => {
    const error = thrown(
      () => parseManifest(5, { file: 'plugins/a\n\u001b[2Jb/plugin.json' }),
      ManifestError,
    );
    expect(error.message.split('\n')[0]).toBe('plugins/a\\u000a\\u001b[2Jb/plugin.json has 1 problem:');
  });

  test('answers for every kind of value that is no plain data', () => {
    const cyclic: Record<string, unknown> = { ...MINIMAL };
    cyclic.exports = { f: { input: cyclic } };
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    const cases: [unknown, string, string][] = [
      [new Map(), '', 'an instance of a class'],
      [{ ...MINIMAL, keywords: new Set() }, 'keywords', 'an instance of a class'],
      [{ ...MINIMAL, name: () => 'a' }, 'name', 'a function'],
      [{ ...MINIMAL, priority: 5n }, 'priority', 'a bigint'],
      [{ ...MINIMAL, config: { a: Symbol('a') } }, 'config.a', 'a symbol'],
      [cyclic, 'exports.f.input', 'deeper nesting'],
      [proxy, '', 'a property that cannot be read'],
      [
        {
          get name() {
            throw new Error('no');
          },
        },
        'name',
        'a property that cannot be read',
      ],
      [JSON.parse('{"config": {"__proto__": "x"}}'), 'config.__proto__', 'the key "__proto__"'],
    ];
    for (const [value, path, found] of cases) expect(problemsOf(value)).toMatchObject([{ path, found }]);
  });

  test('of too much data comes before any of it is looked at', () => {
    const bounds: [unknown, string][] = [
      [{ keywords: Array.from({ length: 1_000_000 }, () => 'x') }, 'an array of 1000000'],
      [{ keywords: new Array(2 ** 32 - 1) }, 'an array of 4294967295'],
      [Object.fromEntries(Array.from({ length: 30_000 }, (_, i) => [`k${i}`, i])), 'more'],
      [{ description: 'x'.repeat(MANIFEST_BOUNDS.characters + 1) }, 'more'],
      [{ ['x'.repeat(MANIFEST_BOUNDS.characters + 1)]: 1 }, 'more'],
    ];
    for (const [value, found] of bounds) expect(problemsOf(value)).toMatchObject([{ found }]);
    const text = thrown(() => parseManifestJson(' '.repeat(MANIFEST_BOUNDS.characters + 1)), ManifestError);
    expect(text.message).toContain(`found ${MANIFEST_BOUNDS.characters + 1} characters, expected at most`);
  });

  test('of as many unknown keys as fit in has each of them', () => {
    const keys = Array.from({ length: 19_000 }, (_, i) => `memoryBytess${i}`);
    const limits = Object.fromEntries(keys.map((key) => [key, 1]));
    const error = thrown(
      () => parseManifestJson(JSON.stringify({ ...MINIMAL, limits }, null, 1)),
      ManifestError,
    );
    expect(error.details.problems).toHaveLength(19_000);
    expect(error.message.length).toBeLessThan(20_000);
  });

  test('is all that any value can end in', () => {
    const keys = fc.constantFrom(
      'permissions',
      'limits',
      'wasm',
      'exports',
      'instance',
      'dependencies',
      'config',
    );
    const inner = fc.anything({ maxDepth: 3, withNullPrototype: true, withMap: true, withBigInt: true });
    fc.assert(
      fc.property(keys, inner, fc.anything({ withObjectString: true }), (key, value, whole) => {
        for (const candidate of [{ ...MINIMAL, [key]: value }, whole]) {
          try {
            parseManifest(candidate);
          } catch (error) {
            expect(error).toBeInstanceOf(ManifestError);
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  test('is all that any text can end in', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(thrown(() => parseManifestJson(text), ManifestError).details.problems).not.toHaveLength(0);
      }),
    );
  });
});
