import type { Failure } from './protocol.js';
import type { LinkEnd } from './thread-link.js';

/** The failure of a call that was running when its thread ended. */
export function endFailure({ outOfMemory }: LinkEnd, reason: string, planned: boolean): Failure {
  if (planned) return { code: 'ERR_CLOSED', message: `The call was running when ${reason}.` };
  return {
    code: outOfMemory ? 'ERR_MEMORY' : 'ERR_TRAP',
    message: `The sandbox thread ended while the call was running: ${reason}.`,
    details: { trap: 'thread-lost' },
  };
}

export const BY_ITSELF: LinkEnd = { reason: 'its thread ended by itself', outOfMemory: false };
