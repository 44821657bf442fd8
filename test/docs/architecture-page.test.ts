import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { section, tableRows } from './markdown.js';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const page = read('docs/architecture.md');
const { dependencies } = JSON.parse(read('package.json')) as { dependencies: Record<string, string> };

/** The first of the backquoted names in a cell. */
const nameOf = (cell: string) => /`([^`]+)`/.exec(cell)?.[1];

describe('docs/architecture.md', () => {
  it('has every room of src and no other', () => {
    const rooms = readdirSync(new URL('../../src', import.meta.url), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
    const described = tableRows(section(page, 'Rooms'))
      .slice(1)
      .map(([, room]) => nameOf(room!));
    expect(described.sort()).toEqual(rooms.sort());
  });

  it('says of every dependency what it is for, and of no other package', () => {
    const described = tableRows(section(page, 'What each dependency is for'))
      .slice(1)
      .map(([name]) => nameOf(name!));
    expect(described.sort()).toEqual(Object.keys(dependencies).sort());
  });
});

describe('docs/threat-model.md', () => {
  it('names for every attack a test that proves the defence', () => {
    const rows = ['Getting in', 'Taking resources', 'Reaching out', 'Crossing the border'].flatMap(
      (heading) => tableRows(section(read('docs/threat-model.md'), heading)).slice(1),
    );
    expect(rows.length).toBeGreaterThan(30);
    // Whether the files exist is what snippets.test.ts looks at, as for all links.
    for (const [attack, , proof] of rows) expect(proof, attack).toMatch(/\(\.\.\/test\/[^)]+\.test\.ts\)/);
  });
});
