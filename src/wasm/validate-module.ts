import { cordonError } from '../errors/cordon-error.js';
import { bytecodeError } from './bytecode-error.js';

/**
 * Lets V8 judge the bytes as they are. This must come before any rewriting: what is injected could make an invalid
 * module valid, for example one that writes to a global that does not exist until the fuel counter is added.
 * Check the structural limits first ({@link summarizeModule}): V8 itself can be driven to gigabytes by a small module.
 *
 * @throws `ERR_BYTECODE` with V8's own message, and its offset in `details.offset` where it says one.
 */
export function validateModule(bytes: Uint8Array): void {
  if (WebAssembly.validate(bytes)) return;
  let reason = 'WebAssembly.validate says no';
  let cause: unknown;
  try {
    new WebAssembly.Module(bytes);
  } catch (error) {
    cause = error;
    reason = String(error instanceof Error ? error.message : error);
  }
  const match = /^(?:WebAssembly\.Module\(\): )?(.*?)(?: @\+(\d+))?$/s.exec(reason);
  const text = `V8 refuses it: ${match?.[1] ?? reason}`;
  if (match?.[2] !== undefined) throw bytecodeError(text, Number(match[2]), { engine: reason });
  throw cordonError('ERR_BYTECODE', `Not an acceptable WebAssembly module: ${text}.`, {
    cause,
    details: { engine: reason },
  });
}
