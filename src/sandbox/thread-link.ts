import type { FromThread, ToThread } from './protocol.js';

/** What carries messages to a sandbox thread and back, wherever that thread lives. */
export interface ThreadLink {
  /** What the thread does at present. Reading it costs the thread nothing. */
  readonly control: ControlWords;
  /**
   * Sends a batch, and wakes the thread where it sleeps.
   *
   * @throws where something in it cannot be sent
   */
  send(batch: readonly ToThread[]): void;
  /** Keeps the host's process alive, as long as something is under way. */
  ref(): void;
  unref(): void;
  /** Ends the thread, whatever it does. {@link LinkListener.onEnd} follows, unless nothing can end it. */
  end(): void;
}

export interface ControlWords {
  /** The work that runs, or 0. */
  readonly running: number;
  /** When it began, by `sharedNow()`. Read `running` before and after: it may change in between. */
  readonly startedAt: number;
  /** The guest that runs sleeps by itself. False where nobody can tell. */
  readonly isSleeping: boolean;
  /** The works that were begun last, over or not. */
  readonly begun: { has(seq: number): boolean };
}

/** What a link tells the host's end of its thread. */
export interface LinkListener {
  onBatch(batch: readonly FromThread[]): void;
  /** The thread is gone. Called once. */
  onEnd(end: LinkEnd): void;
}

/** Why a thread ended by itself. */
export interface LinkEnd {
  readonly reason: string;
  /** It ran out of memory. */
  readonly outOfMemory: boolean;
}

/** Makes the thread at the other end. */
export type OpenLink = (listener: LinkListener) => ThreadLink;
