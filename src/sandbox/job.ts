import type { DoneMessage, Failure } from './protocol.js';
import type { SandboxThread } from './sandbox-thread.js';

/** How a job ended. */
export type JobResult =
  | { readonly ok: true; readonly message: DoneMessage }
  | { readonly ok: false; readonly failure: Failure; readonly message?: DoneMessage };

/** A job whose guest asked for another one, and waits for it. */
export interface WaitingJob {
  readonly seq: number;
  readonly thread: SandboxThread;
  /** What it asked, where the other's output is the answer. */
  readonly ask?: number | undefined;
}

/** One call on its way to an instance. */
export interface Job {
  /** Unique in the sandbox; orders jobs by their arrival. */
  readonly seq: number;
  readonly fn: string;
  readonly input: Uint8Array | string;
  readonly timeoutMs: number;
  readonly fuel: number;
  /** Calls of different tenants never share an instance; `''` for none. */
  readonly tenant: string;
  /** Higher goes first among those that wait. */
  readonly priority: number;
  /** How long it may wait. */
  readonly queueTimeoutMs: number;
  /** `performance.now()` after which it has waited too long. */
  readonly queueDeadline: number;
  /** For how long calls of its plugin had been held back when it came; kept by the queue's owner. */
  heldBefore?: number;
  readonly parent?: WaitingJob | undefined;
  /** Called when it is handed to a thread, at `now` by `performance.now()`. */
  onSent(now: number): void;
  /** Called exactly once, at `now` by `performance.now()`. */
  settle(result: JobResult, now?: number): void;
}
