import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { ERROR_CODES } from '../../src/errors/codes.js';
import { errorsPage } from './errors-page.js';
import { headings } from './markdown.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const file = join(root, 'docs/reference/errors.md');
const codes = Object.keys(ERROR_CODES);

/** Codes that nothing in src or host-sdk makes yet. Must be empty once all rooms are built. */
const NOT_YET_PRODUCED: readonly string[] = [];

/** The code of every file of src and host-sdk but the table itself. */
function sources(): string {
  return ['src', 'host-sdk']
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((path) =>
        join(root, folder, path),
      ),
    )
    .filter((path) => path.endsWith('.ts') && !path.endsWith(join('errors', 'codes.ts')))
    .map((path) => readFileSync(path, 'utf8'))
    .join('\n');
}

describe('docs/reference/errors.md', () => {
  it('is what the table of codes makes of it', async () => {
    await expect(errorsPage()).toMatchFileSnapshot(file);
  });

  it('has every code of the table, and the table every code of the page', () => {
    const page = readFileSync(file, 'utf8');
    expect(headings(page, 3)).toEqual(codes.map((code) => `\`${code}\``));
    const mentioned = new Set(page.match(/\bERR_[A-Z_]+\b/g));
    expect([...mentioned].sort()).toEqual([...codes].sort());
  });
});

describe('the table of codes', () => {
  const text = sources();
  const produced = new Set([...text.matchAll(/(['"`])(ERR_[A-Z_]+)\1/g)].map(([, , code]) => code!));

  it('has no code that nothing produces', () => {
    const missing = codes.filter((code) => !produced.has(code) && !NOT_YET_PRODUCED.includes(code));
    expect(missing).toEqual([]);
  });

  it('has every code that is written anywhere in the code', () => {
    const foreign = /^ERR_(HTTP|TLS|SOCKET|INVALID|WORKER|DLOPEN|FS|STREAM|UNKNOWN)_/; // Node's own
    expect([...produced].filter((code) => !codes.includes(code) && !foreign.test(code))).toEqual([]);
  });

  it('waits only for codes that it has', () => {
    expect(NOT_YET_PRODUCED.filter((code) => !codes.includes(code))).toEqual([]);
  });
});
