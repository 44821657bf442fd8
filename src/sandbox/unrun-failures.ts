import type { DoneMessage, Failure } from './protocol.js';
import { NO_FIGURES } from './run-outcome.js';

/** Of a call that was never begun. */
export const CANCELLED: Failure = {
  code: 'ERR_ABORTED',
  message: 'The caller gave up before the call was started.',
};

/** Nobody's violation: the guests that wait have each kept within what they may use. */
export const NO_STACK: Failure = {
  code: 'ERR_STACK',
  message: 'The plugins that wait for this call have left it too little of their stack.',
};

/** What its thread says of a call that it does not begin. */
export function refused(seq: number, failure: Failure): DoneMessage {
  return { op: 'done', seq, failure, figures: NO_FIGURES, lost: false };
}
