import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { newTally, ScriptRun } from './testsuite/script-run.js';
import { watParser } from './testsuite/wat-tools.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const archive = process.env.WASM_TESTSUITE ?? join(root, '../shared/data/wasm-testsuite.tar.gz');
const present = existsSync(archive);
if (!present) console.log(`The official WebAssembly test suite is skipped: there is no ${archive}.`);

// Proposals that V8 does not have are left out.
const LEFT_OUT = /^proposals[\\/](?:custom-descriptors|custom-page-sizes|wide-arithmetic)/;

describe.skipIf(!present)('the official WebAssembly test suite, before and after rewriting', () => {
  const folder = present ? mkdtempSync(join(tmpdir(), 'wasm-testsuite-')) : '';
  if (present) execFileSync('tar', ['-xzf', archive, '-C', folder]);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const files = present ? scripts(folder) : [];

  test('every command has the same result', { timeout: 600_000 }, async () => {
    const { name, parse } = await watParser();
    const tally = newTally();
    for (const file of files) {
      await new ScriptRun(relative(folder, file), readFileSync(file, 'utf8'), parse, tally).run();
    }
    const { differences, ...counts } = tally;
    console.log(`Test suite with ${name}: ${files.length} scripts, ${JSON.stringify(counts)}`);
    expect(differences).toEqual([]);
    expect(tally.returns).toBeGreaterThan(20_000);
    expect(tally.traps).toBeGreaterThan(1_000);
  });

  function scripts(base: string): string[] {
    return readdirSync(base, { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.wast') && !LEFT_OUT.test(path))
      .sort()
      .map((path) => join(base, path));
  }
});
