import type { Failure } from './protocol.js';

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
