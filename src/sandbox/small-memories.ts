import { readFileSync } from 'node:fs';
import { openMemory64 } from '../kernel/kernel.js';
import { canSuspend } from './suspend-gate.js';

/** More than a memory of one page takes, and less than one with pages to catch accesses (8 GiB and more). */
const FEW_BYTES = 2 ** 32;
/** Other threads may take or give back addresses while it is measured. */
const SAMPLES = 3;
const PAGE_BYTES = 4096;

let areSmall: boolean | undefined;

/**
 * Do memories of 64 bits take no more addresses here than they may grow to?
 *
 * What V8 sets aside for a memory is 8 or 16 GiB of addresses, so that code need not check most of its accesses: they end in
 * pages that nobody may touch. A process that was started with `--no-wasm-memory64-trap-handling` has those of 64 bits checked by
 * the code instead. The option is the application's to choose: V8 ends a process in which it was set after a module with such a
 * memory had been compiled. It is measured, on Linux, because another V8 may take the option for nothing.
 */
export function hasSmallMemories(): boolean {
  areSmall ??= canSuspend && takesFew();
  return areSmall;
}

function takesFew(): boolean {
  try {
    for (let sample = 0; sample < SAMPLES; sample++) {
      const before = addressBytes();
      const memory = openMemory64(1, 1);
      const taken = addressBytes() - before;
      if (memory.buffer.byteLength === 0 || taken > FEW_BYTES) return false;
    }
    return true;
  } catch {
    // No memories of 64 bits here, no addresses left for one, or nothing to measure by.
    return false;
  }
}

/** What this process has of addresses. */
function addressBytes(): number {
  return Number.parseInt(readFileSync('/proc/self/statm', 'latin1'), 10) * PAGE_BYTES;
}
