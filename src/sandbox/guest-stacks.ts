import { MAPPED_STACKS } from './mappings.js';
import { SharedBudgets } from './shared-budget.js';
import { canSuspend } from './suspend-gate.js';

/**
 * What V8 gives a guest that can be suspended is about 1 MiB (984 KiB on Node 24 and 26), and cannot be changed but by options
 * of the process. Where guests may have more, they block their thread.
 */
export const MOST_STACK_BYTES = 1024 * 1024;
/** Where the number of mappings is not what limits them. */
const MOST = 10_000;

/**
 * Stacks of guests that can be suspended, in all threads and hosts of this process: V8 ends the process where it cannot map
 * one more. Who finds none left blocks its thread instead.
 */
export const guestStacks = new SharedBudgets(canSuspend ? Math.min(MOST, MAPPED_STACKS) : 0);
