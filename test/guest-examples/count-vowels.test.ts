import { describe } from 'vitest';
import { countVowelsSuite } from './count-vowels.suite.js';
import { openOnExtism } from './open-on-extism.js';

describe('the vowel-counting example on the Extism SDK', () => {
  countVowelsSuite(openOnExtism);
});
