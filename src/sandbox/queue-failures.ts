import { quote } from '../log/quote.js';
import type { Job } from './job.js';
import type { Failure, GuestSpec } from './protocol.js';

/** How the queue is that a call waited in. */
export interface QueueState {
  readonly waiting: number;
  readonly inFlight: number;
  /** The budget of the host that an instance, or a call, waits for. */
  readonly noRoom: Failure | undefined;
}

/** The failure of a call that nobody came for. `heldMs`: for how long the plugin's calls have been held back so far. */
export function waitedTooLong(
  job: Job,
  { plugin, version }: GuestSpec,
  { noRoom, ...details }: QueueState,
  heldMs: number,
): Failure {
  const what = `${quote(job.fn)} of ${plugin}@${version} waited longer than ${job.queueTimeoutMs} ms (limits.queueTimeoutMs)`;
  if (noRoom) {
    return {
      code: noRoom.code,
      message: `${what}. ${noRoom.message}`,
      details: { ...noRoom.details, ...details },
    };
  }
  const delayedMs = Math.max(0, heldMs - (job.heldBefore ?? heldMs));
  const why =
    delayedMs > 0
      ? `, ${Math.round(delayedMs)} ms of it for a share of the processor (limits.cpuPercent, budget.cpuPercent)`
      : ' for an instance';
  return {
    code: 'ERR_TIMEOUT',
    message: `${what}${why}. Call less at a time, or give the plugin a pool.`,
    details: { limit: job.queueTimeoutMs, ...details, delayedMs },
  };
}

/** The failure of a call that waits for a plugin that waits for it. */
export function waitsForItself({ plugin, version }: GuestSpec): Failure {
  return {
    code: 'ERR_REENTRANT',
    message: `A call of ${plugin}@${version} would never begin: the plugin waits for another, which waits for the one that makes this call. Let plugins call each other in one direction only, or give this one more instances (limits.instances).`,
  };
}

export const NOT_STARTED: Failure = {
  code: 'ERR_TRAP',
  message: 'The instance was spent, or its thread was lost.',
};
