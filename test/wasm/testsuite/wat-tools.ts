import { optionalPackage } from '../optional-package.js';
import { wat } from '../wat.js';

/** Turns module text into bytes without validating it; throws where it cannot. */
export type WatParser = (text: string) => Promise<Uint8Array>;

/**
 * The parser of wasm-tools, which knows every proposal of the test suite, where `@bytecodealliance/jco-transpile` is
 * installed, and otherwise wabt, which does not know all of them.
 */
export async function watParser(): Promise<{ name: string; parse: WatParser }> {
  const tools = await optionalPackage<{ parse: WatParser }>('@bytecodealliance/jco-transpile/wasm-tools');
  if (tools) return { name: 'wasm-tools', parse: tools.parse };
  return { name: 'wabt', parse: async (text) => wat(text) };
}
