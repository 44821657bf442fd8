import { CordonError, cordonError } from '../../errors/cordon-error.js';

/** The longest delay of a timer in Node; longer ones would fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** The one signal that ends a request, whoever wants it ended. Its reason is the error to reject with. */
export interface RequestClock {
  readonly signal: AbortSignal;
  /** Ends the request with `error`. */
  end(error: unknown): void;
  /** Settles like `promise`, or rejects with the signal's reason at once; `promise` is then left to itself. */
  race<T>(promise: Promise<T>): Promise<T>;
  /** Removes the timer and the listener. */
  stop(): void;
}

/**
 * Starts the time of one request. `signal` is the caller's: its reason is passed on where it is a CordonError, and is
 * the cause of an ERR_ABORTED otherwise. `onTimeout` makes the error.
 */
export function startClock(
  timeoutMs: number,
  signal: AbortSignal | undefined,
  plugin: string,
  onTimeout: () => unknown,
): RequestClock {
  const controller = new AbortController();
  const end = (error: unknown) => controller.abort(error);
  const abort = () => {
    const cause: unknown = signal?.reason;
    // A deadline of the call, or the end of the host, has said all there is to say.
    if (cause instanceof CordonError) end(cause);
    else
      end(
        cordonError('ERR_ABORTED', `An HTTP request of ${plugin} was aborted with its call.`, {
          plugin,
          cause,
        }),
      );
  };
  if (signal?.aborted) abort();
  signal?.addEventListener('abort', abort);
  const timer =
    timeoutMs === Number.POSITIVE_INFINITY
      ? undefined
      : setTimeout(() => end(onTimeout()), Math.min(timeoutMs, MAX_TIMER_MS));
  timer?.unref();
  return {
    signal: controller.signal,
    end,
    race: (promise) => raceSignal(promise, controller.signal),
    stop: () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    },
  };
}

function raceSignal<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort);
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
