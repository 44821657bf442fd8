import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as sdk from '../../host-sdk/index.js';
import { headings, section, tableRows } from './markdown.js';

const page = readFileSync(new URL('../../docs/reference/host.md', import.meta.url), 'utf8');
const errors = readFileSync(new URL('../../docs/reference/errors.md', import.meta.url), 'utf8');

function membersOf(type: { readonly prototype: object }): string[] {
  return Object.getOwnPropertyNames(type.prototype).filter((name) => name !== 'constructor');
}

/** Names in the first column of a section's table: `` `call(fn)` `` is call. */
function firstColumn(heading: string): string[] {
  const rows = tableRows(section(page, heading));
  const end = rows.findIndex(([head]) => head === 'code');
  return (end < 0 ? rows : rows.slice(0, end)).slice(1).map(([cell]) => /^`(\w+)/.exec(cell!)![1]!);
}

describe('docs/reference/host.md', () => {
  it('describes every method of Host and no other, each with its signature', () => {
    const described = headings(section(page, 'Host'), 3);
    expect([...described].sort()).toEqual(
      membersOf(sdk.Host)
        .map((name) => `\`${name}\``)
        .sort(),
    );
    for (const heading of described) {
      expect(section(page, heading)).toMatch(new RegExp(`^\\s*${heading.slice(0, -1)}\\(`));
    }
  });

  it('has every member of Plugin and no other', () => {
    expect(firstColumn('Plugin').sort()).toEqual(['name', ...membersOf(sdk.Plugin)].sort());
  });

  it('has every member of Output and no other', () => {
    expect(firstColumn('Output').sort()).toEqual(membersOf(sdk.Output).sort());
  });

  it('has, with the page of errors, every value that the package exports', () => {
    const documented = new Set(
      [...`${page}${errors}`.matchAll(/`(\w+)(?:\(\w[^`]*\))?`/g)].map(([, name]) => name),
    );
    expect(Object.keys(sdk).filter((name) => !documented.has(name))).toEqual([]);
  });

  it('names only codes that there are', () => {
    const named = new Set(page.match(/\bERR_[A-Z_]+\b/g));
    expect([...named].filter((code) => !Object.hasOwn(sdk.ERROR_CODES, code))).toEqual([]);
  });
});
