import { performance } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';
import { throwIfAborted } from './abortable.js';

/** How long the event loop may be held at a time. */
const SLICE_MS = 10;

/** Lets the event loop have its turn while something computes for long, and ends it when the signal fires. */
export class Breath {
  readonly #doing: string;
  readonly #signal: AbortSignal | undefined;
  #since = performance.now();

  /** `doing` completes "Aborted while …". */
  constructor(doing: string, signal: AbortSignal | undefined) {
    this.#doing = doing;
    this.#signal = signal;
  }

  /** Whether the turn has lasted long. Waiting for nothing thousands of times would take longer than the steps between. */
  get isDue(): boolean {
    return performance.now() - this.#since >= SLICE_MS;
  }

  /** @throws ERR_ABORTED */
  async take(): Promise<void> {
    await setImmediate();
    throwIfAborted(this.#signal, this.#doing);
    this.#since = performance.now();
  }
}
