import { constants, getPriority, setPriority } from 'node:os';

/** Elsewhere priorities belong to processes. */
export const hasPriorities = process.platform === 'linux';

/**
 * Has other threads go before this one where they want the same processor: it then gets about a tenth of it. For as long
 * as it lives, since going back up takes a privilege.
 */
export function lowerPriority(): void {
  if (!hasPriorities) return;
  try {
    // 0 is the thread that asks.
    const { PRIORITY_BELOW_NORMAL: niceness } = constants.priority;
    // The whole process may have a lower one already.
    if (getPriority(0) < niceness) setPriority(0, niceness);
  } catch {
    // Some sandboxes forbid the call. The thread runs as others do.
  }
}
