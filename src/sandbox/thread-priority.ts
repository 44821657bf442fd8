import { getPriority, setPriority } from 'node:os';

/** The lowest: the scheduler gives it 15 parts where it gives others 1024. */
const NICENESS = 19;

/** Elsewhere priorities belong to processes. */
export const hasPriorities = process.platform === 'linux';

/**
 * Has other threads go before this one where they want the same processor: it then gets about a seventieth of it. For as long
 * as it lives, since going back up takes a privilege.
 */
export function lowerPriority(): void {
  if (!hasPriorities) return;
  try {
    // 0 is the thread that asks.
    // The whole process may have a lower one already.
    if (getPriority(0) < NICENESS) setPriority(0, NICENESS);
  } catch {
    // Some sandboxes forbid the call. The thread runs as others do.
  }
}
