import { quote } from '../log/quote.js';
import type { Failure, GuestSpec } from './protocol.js';

/** What runs while an instance starts, in messages. */
export const START_UP = 'start-up';

/** What has `limits.startTimeoutMs`, of which a hook has what those before it left. */
const STARTING: ReadonlySet<string> = new Set([START_UP, 'on_activate', 'migrate', 'on_deactivate']);

/** The failure of a guest that ran past its deadline, whether it stopped there or had to be given up. */
export function lateFailure(fn: string, { plugin, version }: GuestSpec, timeoutMs: number): Failure {
  const limit = STARTING.has(fn) ? 'limits.startTimeoutMs' : "limits.timeoutMs, or the call's own timeoutMs";
  return {
    code: 'ERR_TIMEOUT',
    message: `${quote(fn)} of ${plugin}@${version} ran longer than ${Math.ceil(timeoutMs)} ms (${limit}) and was stopped.`,
    details: { limit: timeoutMs },
    violation: 'timeout',
  };
}

/** The same where it could have gone on, and others ran in its thread until it was too late: nothing that it has done. */
export function heldUp({ violation: _, ...late }: Failure): Failure {
  return { ...late, message: `${late.message} Others ran in its thread when it could have gone on.` };
}
