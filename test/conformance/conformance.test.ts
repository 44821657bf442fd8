import { readFileSync } from 'node:fs';
import { createPlugin } from 'cordon/extism';
import { describe, expect, it } from 'vitest';
import { CASES } from './cases.js';
import { runCase } from './run-case.js';

// What the SDK does is measured by `npm run conformance`, which writes the page; here it is held against what Cordon does.
const page = readFileSync('docs/reference/extism.md', 'utf8');
const rows = page
  .split('\n')
  .filter((line) => line.startsWith('| '))
  .map((line) =>
    line
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
  .filter((cells) => cells.length === 6);

describe('the guest ABI', () => {
  it('has a row for each case on the page, and each says why it differs', () => {
    expect(rows.slice(2).map(([area, name]) => `${area}: ${name}`)).toEqual(
      CASES.map(({ area, name }) => `${area}: ${name}`),
    );
    expect(rows.filter((cells) => cells[5] === 'UNEXPECTED')).toEqual([]);
  });

  it.each(CASES.map((one, index) => [`${one.area}: ${one.name}`, one, index] as const))(
    '%s, as the page says',
    async (_, one, index) => {
      const cells = rows[index + 2]!;
      const expected = cells[4] === '〃' ? cells[2] : cells[4];
      const outcome = await runCase(createPlugin, one);
      expect(outcome.replaceAll('|', '\\|').replaceAll('<', '&lt;')).toBe(expected);
    },
  );
});
