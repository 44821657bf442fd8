import type { ResourceLimits } from 'node:worker_threads';

/** The stack that Cordon's own frames and Extism's need beside the guest's, in MiB. */
const STACK_RESERVE_MB = 1;

/**
 * V8's young generation in a thread, in MiB. Of what a call leaves behind nothing lives on, and a small one is still in the
 * processor's cache when it comes round: at 256 in flight a call takes less of the thread's time with it. Left to itself
 * it grows to 48 and more while instances are started, and stays there.
 */
const YOUNG_GENERATION_MB = 6;

/** For the guests' stack. */
export function stackSizeMb(stackBytes: number): number {
  return Math.min(64, stackBytes / (1024 * 1024)) + STACK_RESERVE_MB;
}

/** What V8 is told of a thread that runs guests. */
export function threadLimits(stackSizeMb: number): ResourceLimits {
  return { stackSizeMb, maxYoungGenerationSizeMb: YOUNG_GENERATION_MB };
}
