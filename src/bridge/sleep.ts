import { performance } from 'node:perf_hooks';
import { setTimeout as after } from 'node:timers/promises';

/** What a timer takes. */
const MOST_MS = 2 ** 31 - 1;

/** Resolves once so many milliseconds have passed, and not before; rejects where nobody waits for that any more. */
export async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  const until = performance.now() + ms;
  // Timers count whole milliseconds, and may be one early.
  for (let left = ms; left > 0; left = until - performance.now()) {
    await after(Math.min(Math.ceil(left), MOST_MS), undefined, { signal, ref: false });
  }
}
