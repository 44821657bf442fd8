import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decodeEntry, encodeEntry } from '../../src/cache/entry-format.js';

const stored = { facts: { start: 'x' }, bytes: Uint8Array.of(1, 2, 3) };
const own = (bytes: Uint8Array) => new Uint8Array(bytes);

it('reads what it wrote', async () => {
  const bytes = fc.uint8Array({ maxLength: 100 });
  await fc.assert(
    fc.asyncProperty(fc.string(), bytes, fc.jsonValue(), async (key, module, facts) => {
      const plain = JSON.parse(JSON.stringify({ facts }));
      const entry = await encodeEntry(key, { facts, bytes: own(module) });
      expect(await decodeEntry(own(entry), key)).toEqual({ ...plain, bytes: own(module) });
    }),
  );
});

it('refuses an entry with any bit flipped, and any that was cut', async () => {
  const entry = await encodeEntry('key', stored);
  for (let at = 0; at < entry.length; at++) {
    const flipped = own(entry);
    flipped[at]! ^= 1 << (at % 8);
    expect(typeof (await decodeEntry(flipped, 'key')), `byte ${at}`).toBe('string');
    expect(typeof (await decodeEntry(own(entry.subarray(0, at)), 'key')), `cut at ${at}`).toBe('string');
  }
});

it('refuses the entry of another key', async () => {
  expect(await decodeEntry(own(await encodeEntry('key', stored)), 'other')).toBe('it is of another module');
});
