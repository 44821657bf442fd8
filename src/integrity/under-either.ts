import { setMaxListeners } from 'node:events';

/**
 * Does work under a signal that fires with either of two, and lets go of both when it is over: `AbortSignal.any` leaves some 50
 * bytes behind in the one that lives longer, each time (Node 20.20.2), and that may be a host's.
 */
export async function underEither<T>(
  first: AbortSignal | undefined,
  second: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  if (!first) return work(second);
  const either = new AbortController();
  const signals = [first, second];
  const stops = signals.map((signal) => {
    const stop = (): void => either.abort(signal.reason);
    if (signal instanceof EventTarget) setMaxListeners(0, signal);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
    return stop;
  });
  try {
    return await work(either.signal);
  } finally {
    for (const [i, signal] of signals.entries()) signal.removeEventListener('abort', stops[i]!);
  }
}
