import { setImmediate } from 'node:timers/promises';
import { throwIfAborted } from '../integrity/abortable.js';

/** How long the event loop may be held at a time. */
const SLICE_MS = 10;

/** Lets the event loop have its turn while something computes for long, and ends it when the signal fires. */
export class Breath {
  readonly #signal: AbortSignal | undefined;
  #since = performance.now();

  constructor(signal: AbortSignal | undefined) {
    this.#signal = signal;
  }

  /** Whether the turn has lasted long. Waiting for nothing thousands of times would take longer than the steps between. */
  get isDue(): boolean {
    return performance.now() - this.#since >= SLICE_MS;
  }

  /** @throws ERR_ABORTED */
  async take(): Promise<void> {
    await setImmediate();
    throwIfAborted(this.#signal, 'resolving plugins');
    this.#since = performance.now();
  }
}
