import type { ResourceLimits } from 'node:worker_threads';

/** The stack that Cordon's own frames and Extism's need beside the guest's, in MiB. */
const STACK_RESERVE_MB = 1;

/**
 * V8's young generation in a thread, in MiB: 8 for what is new, and room to copy what lives. Left to itself it grows to 48 and more
 * while instances are started, and stays there. A smaller one would do for short calls, of which nothing lives on, but
 * thousands of guests that wait at a time are copied again and again then (measured, 10 000 of them: 462 ms with 6 MiB, 340 with 32).
 */
const YOUNG_GENERATION_MB = 24;

/** For the guests' stack. */
export function stackSizeMb(stackBytes: number): number {
  return Math.min(64, stackBytes / (1024 * 1024)) + STACK_RESERVE_MB;
}

/** What V8 is told of a thread that runs guests. */
export function threadLimits(stackSizeMb: number): ResourceLimits {
  return { stackSizeMb, maxYoungGenerationSizeMb: YOUNG_GENERATION_MB };
}
