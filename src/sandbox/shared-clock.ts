import { performance } from 'node:perf_hooks';

// Reading it is a call of its own each time.
const ORIGIN = performance.timeOrigin;

/** Milliseconds since the epoch with a fraction, the same clock in every thread. */
export function sharedNow(): number {
  return shared(performance.now());
}

/** A moment by this thread's `performance.now()`, by that clock. */
export function shared(now: number): number {
  return ORIGIN + now;
}
