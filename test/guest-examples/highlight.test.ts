import { describe } from 'vitest';
import { highlightSuite } from './highlight.suite.js';
import { openOnExtism } from './open-on-extism.js';

describe('the highlighting example on the Extism SDK', () => {
  highlightSuite(openOnExtism);
});
