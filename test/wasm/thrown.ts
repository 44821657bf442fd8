import { CordonError } from '../../src/errors/cordon-error.js';

/** The error that `act` throws, which must be one with a code. */
export function thrown(act: () => unknown): CordonError {
  try {
    act();
  } catch (error) {
    if (error instanceof CordonError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
