import { readFileSync } from 'node:fs';
import { SharedBudgets } from './shared-budget.js';
import { canSuspend } from './suspend-gate.js';

/**
 * What V8 gives a guest that can be suspended is about 1 MiB (984 KiB on Node 24 and 26), and cannot be changed but by options
 * of the process. Where guests may have more, they block their thread.
 */
export const MOST_STACK_BYTES = 1024 * 1024;
/** Mappings that one suspended guest takes at most (measured on Node 26): two for its stack, the rest for its memories. */
const MAPPINGS_EACH = 8;
/** Where the number of mappings is not what limits them. */
const MOST = 8000;

/**
 * Stacks of guests that can be suspended, in all threads and hosts of this process: V8 ends the process where it cannot map
 * one more. Who finds none left blocks its thread instead.
 */
export const guestStacks = new SharedBudgets(canSuspend ? mostStacks() : 0);

function mostStacks(): number {
  try {
    const mappings = Number(readFileSync('/proc/sys/vm/max_map_count', 'latin1'));
    return Math.min(MOST, Math.floor(mappings / MAPPINGS_EACH)) || MOST;
  } catch {
    return MOST;
  }
}
