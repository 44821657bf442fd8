import type { Failure, GuestSpec } from './protocol.js';

/** The failure of a guest that did not even stop at its deadline. */
export function lateFailure(what: string, spec: GuestSpec, timeoutMs: number): Failure {
  return {
    code: 'ERR_TIMEOUT',
    message: `${what} of ${spec.plugin}@${spec.version} ran longer than ${timeoutMs} ms (limits.timeoutMs, or the call's own timeoutMs) and was stopped.`,
    details: { limit: timeoutMs },
    violation: 'timeout',
  };
}
