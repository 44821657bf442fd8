import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { DEFAULT_STRUCTURAL_LIMITS } from '../../src/wasm/limits.js';
import { rewriteModule } from '../../src/wasm/rewrite.js';
import { summarizeModule } from '../../src/wasm/summary.js';
import { packageFolder } from './optional-package.js';

/** Packages with large modules that real compilers made. */
const PACKAGES: readonly string[] = [
  'esbuild-wasm',
  '@resvg/resvg-wasm',
  'sql.js',
  '@sqlite.org/sqlite-wasm',
  '@jitl/quickjs-wasmfile-release-sync',
  'onigasm',
  'vscode-oniguruma',
  'web-tree-sitter',
  'tree-sitter-wasms',
  '@ffmpeg/core',
  '@bytecodealliance/jco-transpile',
];

const MiB = 1024 * 1024;

function modulesOf(name: string): string[] {
  const folder = packageFolder(name);
  if (folder === undefined) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.wasm'))
    .map((file) => join(folder, file));
}

const found = PACKAGES.map((name) => [name, modulesOf(name)] as const);
const missing = found.filter(([, files]) => files.length === 0).map(([name]) => name);
if (missing.length > 0)
  console.log(`Modules of packages that are not installed are skipped: ${missing.join(', ')}.`);

describe('modules of real compilers', () => {
  for (const [name, files] of found) {
    for (const file of files) {
      test(`${name}: ${basename(dirname(file))}/${basename(file)} is rewritten to a valid module`, {
        timeout: 60_000,
      }, () => {
        const bytes = new Uint8Array(readFileSync(file));
        // A component is no module.
        if (bytes[6] === 1) return;
        const before = summarizeModule(bytes);
        expect(before.codeBytes).toBeGreaterThan(0);
        for (const metering of [false, true]) {
          const result = rewriteModule(bytes, {
            maxMemoryBytes: 256 * MiB,
            maxTableElements: 100_000,
            metering,
          });
          expect(WebAssembly.validate(result.bytes)).toBe(true);
          const after = summarizeModule(result.bytes);
          expect(after.dataBytes).toBe(before.dataBytes);
          expect(after.elements).toBe(before.elements);
          expect(after.memories.every(({ max }) => max! <= 256 * 16)).toBe(true);
          expect(after.features).toEqual(
            metering ? new Set([...before.features, 'mutable-globals']) : before.features,
          );
        }
      });
    }
  }

  test('the structural limits are above what these modules have', () => {
    const largest = { functions: 0, exports: 0, dataSegments: 0, elements: 0 };
    for (const file of found.flatMap(([, files]) => files)) {
      const bytes = new Uint8Array(readFileSync(file));
      if (bytes[6] === 1) continue;
      const summary = summarizeModule(bytes);
      largest.functions = Math.max(largest.functions, summary.functionCount);
      largest.exports = Math.max(largest.exports, summary.exports.length);
      largest.elements = Math.max(largest.elements, summary.elements);
      largest.dataSegments = Math.max(largest.dataSegments, summary.dataSegments);
    }
    for (const [name, observed] of Object.entries(largest)) {
      expect(observed).toBeLessThanOrEqual(DEFAULT_STRUCTURAL_LIMITS[name as keyof typeof largest]);
    }
  });
});
