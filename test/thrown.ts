import { CordonError } from '../src/errors/cordon-error.js';

/** The error that `act` throws. It has to have a code, and to be of the class that is named. */
export function thrown(
  act: () => unknown,
  kind: abstract new (...args: never[]) => CordonError = CordonError,
): CordonError {
  try {
    act();
  } catch (error) {
    if (error instanceof kind) return error;
    throw error;
  }
  throw new Error('Nothing was thrown.');
}
