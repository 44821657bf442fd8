import { type CordonError, cordonError } from '../errors/cordon-error.js';
import { cutText } from '../log/cut-text.js';
import { escapeControl } from '../log/escape-control.js';

/**
 * `ERR_BYTECODE` about the byte at `offset` of the module; `details.offset` is that offset, counted from the start of
 * the module as every WebAssembly tool counts it.
 */
export function bytecodeError(
  what: string,
  offset: number,
  details: Readonly<Record<string, unknown>> = {},
): CordonError {
  return cordonError(
    'ERR_BYTECODE',
    `Not an acceptable WebAssembly module: ${escapeControl(cutText(what, 1024))} (at byte ${offset}).`,
    {
      details: { ...details, offset },
    },
  );
}
