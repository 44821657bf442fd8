import { performance } from 'node:perf_hooks';
import { maySpin } from './shared-memory.js';

/** Someone whose results may be there before a message says so. */
export interface Polled {
  /** Is there something to hand over, or a message that the event loop will? Asked again and again. */
  readonly hasResults: boolean;
  /** Hands over what has come, and says whether something had. */
  poll(): boolean;
  /** Nobody looks any more: has to be told by a message from now on. */
  pollEnded(): void;
  /** Is there anything to wait for? */
  readonly expecting: boolean;
  /** Since when nothing has come, by `performance.now()`. Kept by who polls. */
  idleSince: number;
}

/** How long the event loop is kept from sleeping after a call was sent, or a result came. */
const POLL_MS = 0.15;
/** The same where guests need every processor. */
const CROWDED_POLL_MS = 0.02;
/**
 * How long a turn waits for something to come, before the event loop goes round. A round is 1.5 µs and 400 bytes of garbage (Node 24),
 * a look 20 ns and none; longer would keep timers and sockets waiting.
 */
const DWELL_MS = 0.01;

/**
 * Keeps the host's event loop turning, without sleeping, for a moment after calls were sent. Waking a thread that
 * sleeps costs more than most calls; a loop that turns finds the result at once. Timers and sockets have their turn
 * in each round, and once nothing comes in time, or nothing is under way, the loop sleeps as ever.
 */
class HostPoll {
  readonly #watched: Polled[] = [];
  #turning = false;

  /** Looks after `polled` for a moment. */
  watch(polled: Polled): void {
    if (!this.has(polled)) this.#watched.push(polled);
    polled.idleSince = performance.now();
    if (this.#turning) return;
    this.#turning = true;
    setImmediate(this.#turn);
  }

  has(polled: Polled): boolean {
    return this.#watched.includes(polled);
  }

  /** It is gone. */
  forget(polled: Polled): void {
    const at = this.#watched.indexOf(polled);
    if (at >= 0) this.#watched.splice(at, 1);
  }

  readonly #turn = (): void => {
    const now = this.#dwell();
    const most = maySpin() ? POLL_MS : CROWDED_POLL_MS;
    // From the last: who is handed something may watch others, or forget some.
    for (let i = this.#watched.length - 1; i >= 0; i--) {
      const polled = this.#watched[i];
      if (!polled) continue;
      if (polled.poll()) polled.idleSince = now;
      if (polled.expecting && now - polled.idleSince < most) continue;
      this.forget(polled);
      polled.pollEnded();
    }
    this.#turning = this.#watched.length > 0;
    if (this.#turning) setImmediate(this.#turn);
  };

  /** Waits until there is something, but only a moment, and says when it is. */
  #dwell(): number {
    const start = performance.now();
    for (let now = start; ; now = performance.now()) {
      for (const polled of this.#watched) if (polled.hasResults) return now;
      if (now - start >= DWELL_MS) return now;
    }
  }
}

/** One for the process: its event loop is one. */
export const hostPoll: HostPoll = new HostPoll();
