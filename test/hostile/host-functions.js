/**
 * What hosts of the corpus offer, written once for both. A handler gets what its parameters declare.
 * @typedef {{ params?: readonly ('text' | 'json')[], result?: 'text', handler: (...args: any[]) => unknown }} Offered
 */

let calls = '';

/** What the functions were called with since the last time. */
export function takeCalls() {
  const told = calls;
  calls = '';
  return told;
}

/** @type {Readonly<Record<string, Offered>>} */
export const HOST_FUNCTIONS = {
  tick: { handler: () => {} },
  never: { handler: () => new Promise(() => {}) },
  // Past the deadline of every attack.
  late: { handler: () => new Promise((resolve) => setTimeout(resolve, 2700).unref()) },
  throws: {
    handler: () => {
      throw new Error('no');
    },
  },
  throws_nothing: {
    handler: () => {
      throw undefined;
    },
  },
  throws_bare: {
    handler: () => {
      throw Object.create(null);
    },
  },
  rejects: { result: 'text', handler: () => Promise.reject(new Error('no')) },
  gives_symbol: { result: 'text', handler: () => Symbol('x') },
  gives_number: { result: 'text', handler: () => 7 },
  gives_thenable: {
    result: 'text',
    handler: () => ({
      // biome-ignore lint/suspicious/noThenProperty: that is the attack
      then() {
        throw new Error('no');
      },
    }),
  },
  gives_huge: { result: 'text', handler: () => 'x'.repeat(100_000_000) },
  takes_json: { params: ['json'], handler: () => {} },
  takes_text: {
    params: ['text'],
    handler: (text) => {
      calls += `takes_text(${String(text).slice(0, 100)})`;
    },
  },
};
