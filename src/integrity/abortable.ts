import { setMaxListeners } from 'node:events';
import { cordonError } from '../errors/cordon-error.js';

/** Throws `ERR_ABORTED` where the signal has fired; `doing` completes "Aborted while …". */
export function throwIfAborted(signal: AbortSignal | undefined, doing: string): void {
  if (signal?.aborted) {
    throw cordonError('ERR_ABORTED', `Aborted while ${doing}.`, { cause: signal.reason });
  }
}

/**
 * The promise, or `ERR_ABORTED` as soon as the signal fires: the caller is settled first, whatever `promise` still
 * does. A later rejection of `promise` is swallowed, nobody waits for it any more.
 */
export async function abortable<T>(
  promise: Promise<T>,
  signal: AbortSignal | undefined,
  doing: string,
): Promise<T> {
  if (signal === undefined) return promise;
  // A hundred waiting for one signal are no leak: each takes its listener away again.
  if (signal instanceof EventTarget) setMaxListeners(0, signal);
  let onAbort: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => {
      reject(cordonError('ERR_ABORTED', `Aborted while ${doing}.`, { cause: signal.reason }));
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort!);
  }
}
