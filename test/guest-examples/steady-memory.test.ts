import { describe, expect, it } from 'vitest';
import { openOnExtism } from './open-on-extism.js';

const CALLS = 100_000;

// Each example with a call that touches all that it allocates, errors included.
const EXAMPLES: readonly (readonly [name: string, fn: string, input: string])[] = [
  ['count-vowels', 'count_vowels', 'Grüße'],
  ['highlight', 'highlight', '{"lang":"js","code":"let a = `b`; // c"}'],
  ['highlight', 'highlight', 'no JSON'],
  ['markdown', 'render', '# a\n- *b* [c](d)\n```js\ne\n```'],
  ['markdown', 'outline', '# a\n# a'],
  ['link-preview', 'preview', 'https://a.example/'],
  ['link-preview', 'preview', 'no URL'],
  ['runaway', 'work', '0'],
  ['memory-hog', 'ping', ''],
];

describe('an example keeps no memory from call to call', () => {
  it.each(EXAMPLES)(`%s: ${CALLS} calls of %s with %j`, async (name, fn, input) => {
    const guest = await openOnExtism(name, {
      pluginCall: () => '<span class="k">a</span>',
      http: () => ({ status: 200, body: '<title>a</title>', headers: { 'content-type': 'text/html' } }),
    });
    const outcome = () => guest.call(fn, input).then(String, String);
    const first = await outcome();
    for (let i = 0; i < 1_000; i++) await outcome();
    const before = guest.memoryBytes();
    for (let i = 0; i < CALLS; i++) await outcome();
    expect(guest.memoryBytes()).toBe(before);
    if (name !== 'count-vowels') expect(await outcome()).toBe(first);
    await guest.close();
  });
});
