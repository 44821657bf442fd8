import { expect } from 'vitest';
import { type CordonMatchers, matchers } from '../matchers.js';

declare module 'vitest' {
  // The parameter has to be there and to be called so: all declarations of an interface have the same.
  // biome-ignore lint/suspicious/noExplicitAny: vitest's own declaration says any
  interface Matchers<T = any> extends CordonMatchers {}
}

expect.extend(matchers);
