import { describe } from 'vitest';
import { typedSuite } from './typed.suite.js';

describe.each([
  ['assemblyscript', 'assembly/contract.ts'],
  ['rust', 'src/contract.rs'],
  ['go', 'contract.go'],
])('typed-%s', (language, out) => {
  typedSuite(`typed-${language}`, { language, out });
});
