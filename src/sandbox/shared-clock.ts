/** Milliseconds since the epoch with a fraction, the same clock in every thread. */
export function sharedNow(): number {
  return performance.timeOrigin + performance.now();
}
