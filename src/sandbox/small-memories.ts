import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { openMemory64 } from '../kernel/kernel.js';
import { canSuspend } from './suspend-gate.js';

/**
 * What V8 sets aside for a memory is 8 or 16 GiB of addresses, so that code need not check most of its accesses: they end in
 * pages that nobody may touch. For memories of 64 bits it can be told to have them checked by the code instead; then it sets
 * aside what they may grow to, and no more.
 */
const CHECKED = '--no-wasm-memory64-trap-handling';
const GUARDED = '--wasm-memory64-trap-handling';

/** More than such a memory takes, and less than one with pages to catch accesses (8 GiB and more). */
const FEW_BYTES = 2 ** 32;
/** Other threads may take or give back addresses while it is measured. */
const SAMPLES = 3;
const PAGE_BYTES = 4096;

let isSmall: boolean | undefined;
let hasGuarded = false;

/**
 * A module with a memory of 64 bits is about to be compiled in this process, to be instantiated later. Once its code counts on
 * pages that catch its accesses V8 gives it no memory without them: it ends the process.
 */
export function compilesMemory64(): void {
  if (isSmall !== true) hasGuarded = true;
}

/**
 * From now on memories of 64 bits take no more addresses than they may grow to, in all threads. False where that cannot be
 * had: not this V8, not measurable (it is on Linux alone), or guests with such memories are compiled already.
 */
export function haveSmallMemories(): boolean {
  isSmall ??= canSuspend && switchToSmall();
  return isSmall;
}

function switchToSmall(): boolean {
  try {
    // Somebody may have started the process with it.
    if (takesFew()) return true;
    if (hasGuarded) return false;
    setFlagsFromString(CHECKED);
    if (takesFew()) return true;
    setFlagsFromString(GUARDED);
  } catch {
    // No memories of 64 bits here, no addresses left for one, or nothing to measure by.
  }
  return false;
}

function takesFew(): boolean {
  for (let sample = 0; sample < SAMPLES; sample++) {
    const before = addressBytes();
    const memory = openMemory64(1, 1);
    const taken = addressBytes() - before;
    if (memory.buffer.byteLength === 0 || taken > FEW_BYTES) return false;
  }
  return true;
}

/** What this process has of addresses. */
function addressBytes(): number {
  return Number.parseInt(readFileSync('/proc/self/statm', 'latin1'), 10) * PAGE_BYTES;
}
