import type { DoneMessage, Failure, GuestSpec } from './protocol.js';

/** How a piece of work that was sent to a thread came out. */
export type WorkResult =
  | { readonly kind: 'done'; readonly message: DoneMessage }
  /** The thread ended while this ran, or the guest had to be given up. */
  | { readonly kind: 'lost'; readonly failure: Failure }
  /** It was not begun, because it was recalled, or the thread ended, for this reason: it can be sent to another. */
  | { readonly kind: 'unstarted'; readonly wasRecalled?: boolean; readonly reason?: string };

/** A piece of work in a thread, and how it is watched over. */
export interface Work {
  readonly timeoutMs: number;
  /** Whose it is. */
  readonly spec?: GuestSpec;
  /** When it may be late at the earliest, where that is before `timeoutMs`. */
  readonly soonestMs?: number;
  /** A metered guest stops in place; another one only where it waits for its host. */
  readonly isMetered: boolean;
  /** Kept by the thread: whoever waits for it was told already. */
  isSettled?: boolean;
  /** Kept by the thread: its guest has waited for the host. */
  hasAsked?: boolean;
  /** Kept by the thread: it runs inside of this one, which blocks the thread. */
  within?: number | undefined;
  /** Kept by the thread: when it has to be over, by `sharedNow()`; known once its guest was suspended. */
  deadline?: number | undefined;
  /** The failure for a guest that does not stop by itself. */
  onTimeout(): Failure;
  /** Called exactly once, at `now` by `performance.now()`. */
  settle(result: WorkResult, now: number): void;
  /** It had to be given up before, and has ended now. */
  endedLate?(message: DoneMessage): void;
}

/** When it may be late at the earliest, in milliseconds from now. */
export function soonest({ soonestMs, timeoutMs }: Work): number {
  return Math.max(1, soonestMs ?? timeoutMs);
}
