import { readFileSync } from 'node:fs';
import createSdkPlugin from '@extism/extism';
import createPlugin, { type CallContext, type ExtismPluginOptions } from 'cordon/extism';
import { describe, expect, test } from 'vitest';
import { MUCH_TEXT } from '../guest-examples/guest.js';

/** Guests made with the official kits of Rust and Go, with our own bindings, and without any. */
const GUESTS = ['rust', 'go', 'assemblyscript', 'c', 'zig', 'wat'];

const options = (): ExtismPluginOptions => ({
  useWasi: true,
  config: { greeting: 'Good day' },
  functions: {
    'extism:host/user': {
      lookup: (context: CallContext, at: bigint) =>
        context.read(at)?.text() === 'köy' ? context.store('wörld 🌏') : 0n,
    },
  },
});

interface AnyPlugin {
  call(fn: string, input?: string): Promise<{ text(): string } | null>;
  functionExists(fn: string): Promise<boolean>;
  close(): Promise<void>;
}

/** What a guest says to the same calls, one after the other. */
async function trace(plugin: AnyPlugin): Promise<string[]> {
  const said: string[] = [];
  const calls: [string, string?][] = [
    ['echo', 'hello'],
    ['echo', MUCH_TEXT],
    ['echo', ''],
    ['count_chars', '🌍é'],
    ['greet', 'Zoë'],
    ['count_calls'],
    ['count_calls'],
    ['say', 'grüße'],
    ['look_up', 'köy'],
    ['look_up', 'nobody'],
    ['refuse', 'ни 🌍'],
    ['echo', 'still here'],
    ['count_calls'],
  ];
  for (const [fn, input] of calls) {
    try {
      said.push((await plugin.call(fn, input))?.text() ?? '');
    } catch (error) {
      said.push(`error: ${(error as Error).message}`);
    }
  }
  said.push(String(await plugin.functionExists('echo')), String(await plugin.functionExists('nothing')));
  await plugin.close();
  return said;
}

describe.each(GUESTS)('a guest in %s', (language) => {
  const data = () =>
    new Uint8Array(
      readFileSync(
        new URL(`../../guest-examples/contract-${language}/contract-${language}.wasm`, import.meta.url),
      ),
    );

  test('says the same on Cordon as on the SDK, in the foreground', async () => {
    const cordon = await trace(await createPlugin({ wasm: [{ data: data() }] }, options()));
    const sdk = await createSdkPlugin({ wasm: [{ data: data() }] }, options() as never);
    const expected = await trace(sdk as unknown as AnyPlugin);
    // Of an output without a byte the SDK gives the whole block that it was set from, which is one byte with Rust's kit.
    expect(cordon[9]).toBe('');
    expect(cordon).toEqual(expected.with(9, ''));
    expect(cordon.slice(4, 7)).toEqual(['Good day, Zoë!', '1', '2']);
    expect(cordon[10]).toContain('refused: ни 🌍');
  });
});
