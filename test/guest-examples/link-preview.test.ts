import { describe } from 'vitest';
import { linkPreviewSuite } from './link-preview.suite.js';
import { openOnExtism } from './open-on-extism.js';

describe('the link preview example on the Extism SDK', () => {
  linkPreviewSuite(openOnExtism);
});
