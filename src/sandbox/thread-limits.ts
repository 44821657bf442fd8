import type { ResourceLimits } from 'node:worker_threads';

/** The stack that Cordon's own frames and Extism's need beside the guest's, in MiB. */
const STACK_RESERVE_MB = 1;

/**
 * V8's young generation in a thread, in MiB: 8 for what is new, and room to copy what lives. Left to itself it grows to 48 and more
 * while instances are started, and stays there. A smaller one would do for short calls, of which nothing lives on.
 */
const YOUNG_GENERATION_MB = 24;
/**
 * What is kept of a guest that waits lives in it, and is copied again and again where it is small: so much more for each call that may be
 * under way (measured, 10 000 that wait on Node 24: 462 ms with 6 MiB, 355 with 24, 319 with 48, 287 with 64; no less with 96).
 */
const MB_PER_CALL = 4 / 1024;
const MOST_YOUNG_MB = 64;

/** For the guests' stack. */
export function stackSizeMb(stackBytes: number): number {
  return Math.min(64, stackBytes / (1024 * 1024)) + STACK_RESERVE_MB;
}

/** What V8 is told of a thread that runs guests, of which so many may be in the midst of a call. */
export function threadLimits(stackSizeMb: number, calls = 0): ResourceLimits {
  const maxYoungGenerationSizeMb = Math.min(YOUNG_GENERATION_MB + calls * MB_PER_CALL, MOST_YOUNG_MB);
  return { stackSizeMb, maxYoungGenerationSizeMb };
}
