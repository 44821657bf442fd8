import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseManifestJson } from '../../src/manifest/parse-manifest.js';
import { thrown } from '../thrown.js';

// To add one: write the .json, run `npx vitest run test/manifest -u`, and read what was written beside it.
const FIXTURES = new URL('../fixtures/manifests/', import.meta.url);

function names(folder: string, suffix: string): string[] {
  return readdirSync(new URL(folder, FIXTURES))
    .filter((name) => name.endsWith(suffix) && (suffix !== '.json' || !name.endsWith('.parsed.json')))
    .map((name) => name.slice(0, -suffix.length))
    .sort();
}

function read(path: string): string {
  return readFileSync(new URL(path, FIXTURES), 'utf8');
}

describe('golden manifests', () => {
  const valid = names('valid/', '.json');
  const invalid = names('invalid/', '.json');

  test('each has its result beside it, and there are enough of them', () => {
    expect(names('valid/', '.parsed.json')).toEqual(valid);
    expect(names('invalid/', '.txt')).toEqual(invalid);
    expect(valid.length).toBeGreaterThanOrEqual(10);
    expect(invalid.length).toBeGreaterThanOrEqual(40);
  });

  test.each(valid)('valid/%s.json becomes what is beside it', async (name) => {
    const manifest = parseManifestJson(read(`valid/${name}.json`), { file: `${name}.json` });
    const expected = new URL(`valid/${name}.parsed.json`, FIXTURES).pathname;
    await expect(`${JSON.stringify(manifest, null, 2)}\n`).toMatchFileSnapshot(expected);
  });

  test.each(invalid)('invalid/%s.json is refused with the text that is beside it', async (name) => {
    const file = `${name}.json`;
    // Those about missing modules are read as the catalog reads what is on disk.
    const error = thrown(() =>
      parseManifestJson(read(`invalid/${file}`), { file, requireWasm: name.startsWith('module-') }),
    );
    expect(error.code).toBe('ERR_MANIFEST');
    expect(error.details.file).toBe(file);
    await expect(`${error.message}\n`).toMatchFileSnapshot(new URL(`invalid/${name}.txt`, FIXTURES).pathname);
  });
});
