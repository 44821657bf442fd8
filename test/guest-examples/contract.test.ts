import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { contractSuite } from './contract.suite.js';

const LANGUAGES = ['assemblyscript', 'c', 'go', 'rust', 'wat', 'zig'];
const folders = readdirSync(new URL('../../guest-examples', import.meta.url)).filter((name) =>
  name.startsWith('contract-'),
);

it('there is a contract example of every language', () => {
  expect(folders.sort()).toEqual(LANGUAGES.map((language) => `contract-${language}`));
});

describe.each(folders)('%s', (name) => contractSuite(name));
