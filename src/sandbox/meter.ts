import { performance } from 'node:perf_hooks';
import type { CallState } from './call-state.js';
import type { ThreadServices } from './thread-services.js';

/**
 * Instructions handed out at a time. 3 to 40 µs of hot code (measured): what a stop is late by, at a cost of 60 ns for
 * the visit.
 */
const SLICE = 100_000;

/** What a slice takes at most, with a good margin. */
const SLICE_MS = 1;

/** How long after a look at the processor's time the next one is, at least. */
const LEAST_PAUSE_MS = 0.1;

/** Why a guest has to stop. */
export type MeterStop = 'deadline' | 'cancelled' | 'cpu';

/**
 * The host's side of metering: the rewritten guest counts down and comes here when its slice is used up. Also asked by
 * the kernel between large clears. A reason where the guest has to stop.
 */
export function visit(
  state: CallState,
  limits: { readonly cpuMs: number },
  thread: ThreadServices,
): MeterStop | undefined {
  // A guest that runs long must not hold back the results of those before it.
  thread.flush();
  const now = performance.now();
  if (now >= state.deadline) return 'deadline';
  if (now >= state.cpuCheckAt) {
    const used = state.cpuUsed(thread.cpu, now);
    if (used >= limits.cpuMs) return 'cpu';
    // The processor's time passes no faster than time itself.
    state.cpuCheckAt = now + Math.max(limits.cpuMs - used, LEAST_PAUSE_MS);
  }
  if (thread.isCancelled(state.seq)) return 'cancelled';
  return undefined;
}

/**
 * The slice that a run begins with, so that a short one never comes to {@link visit}. None where that would be more than the
 * run may take: then it comes at once.
 */
export function firstGrant(state: CallState, { cpuMs }: { readonly cpuMs: number }): number {
  return state.timeoutMs < SLICE_MS || cpuMs < SLICE_MS ? 0 : grant(state);
}

/** The next slice, or 0 where the fuel of the call is used up. */
export function grant(state: CallState): number {
  const slice = Math.min(SLICE, state.fuelLimit - state.granted);
  if (slice <= 0) return 0;
  state.granted += slice;
  return slice;
}
