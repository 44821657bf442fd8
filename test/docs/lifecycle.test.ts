import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { PLUGIN_STATES } from '../../src/events/plugin-state.js';
import { TRANSITIONS } from '../../src/lifecycle/transitions.js';
import { section, tableRows } from './markdown.js';

const page = readFileSync(new URL('../../docs/reference/lifecycle.md', import.meta.url), 'utf8');
const transitions = Object.entries(TRANSITIONS).flatMap(([from, ways]) =>
  Object.entries(ways).map(([to, when]) => [from, to, when]),
);

describe('docs/reference/lifecycle.md', () => {
  it('has exactly the transitions of the code in its diagram', () => {
    const arrows = [...page.matchAll(/^ +(\S+) --> (\S+)$/gm)].map(([, from, to]) => [from, to]);
    expect(arrows).toEqual([
      ['[*]', 'resolved'],
      ...transitions.map(([from, to]) => [from, to]),
      ['unloaded', '[*]'],
    ]);
  });

  it('has exactly the transitions of the code in its table, with their causes', () => {
    const rows = tableRows(section(page, 'Transitions'));
    expect(rows).toEqual([
      ['from', 'to', 'when'],
      ...transitions.map(([from, to, when]) => [`\`${from}\``, `\`${to}\``, when]),
    ]);
  });

  it('explains every state, in the order of the code', () => {
    const states = tableRows(section(page, 'States')).slice(1);
    expect(states.map(([state]) => state)).toEqual(PLUGIN_STATES.map((state) => `\`${state}\``));
  });
});
