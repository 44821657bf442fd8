import { performance } from 'node:perf_hooks';
/** Milliseconds since the epoch with a fraction, the same clock in every thread. */
export function sharedNow(): number {
  return ORIGIN + performance.now();
}

// Reading it is a call of its own each time.
const ORIGIN = performance.timeOrigin;
