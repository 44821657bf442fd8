import { describe } from 'vitest';
import { markdownSuite } from './markdown.suite.js';
import { answerWith, openOnExtism } from './open-on-extism.js';

describe('the Markdown example on the Extism SDK', () => {
  markdownSuite(openOnExtism, () => answerWith('highlight'));
});
