import type { WasiContext } from './context.js';
import type { WasiFunctions } from './signatures.js';

const PIECE_BYTES = 64 * 1024;

export function random({ memory, random: fill }: WasiContext): Pick<WasiFunctions, 'random_get'> {
  return {
    random_get(address, length) {
      const bytes = memory.bytes(address, length);
      for (let offset = 0; offset < length; offset += PIECE_BYTES) {
        fill(bytes.subarray(offset, offset + PIECE_BYTES));
      }
    },
  };
}
