import { getPriority, setPriority } from 'node:os';

/** The scheduler gives it 56 parts where it gives others 1024. */
const NICENESS = 13;

/** Elsewhere priorities belong to processes. */
export const hasPriorities = process.platform === 'linux';

/**
 * Has other threads go before this one where they want the same processor: it then gets about a twentieth of it. For as long
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
