import { maySpin } from './shared-memory.js';

/** Someone whose results may be there before a message says so. */
export interface Polled {
  /** Hands over what has come, and says whether something had. */
  poll(): boolean;
  /** Nobody looks any more: has to be told by a message from now on. */
  pollEnded(): void;
  /** Is there anything to wait for? */
  readonly expecting: boolean;
}

/** How long the event loop is kept from sleeping after a call was sent, or a result came. */
const POLL_MS = 0.15;
/** The same where guests need every processor. */
const CROWDED_POLL_MS = 0.02;

/**
 * Keeps the host's event loop turning, without sleeping, for a moment after calls were sent. Waking a thread that
 * sleeps costs more than most calls; a loop that turns finds the result at once. Timers and sockets have their turn
 * in each round, and once nothing comes in time, or nothing is under way, the loop sleeps as ever.
 */
class HostPoll {
  readonly #watched = new Map<Polled, number>();
  #turning = false;

  /** Looks after `polled` for a moment. */
  watch(polled: Polled): void {
    this.#watched.set(polled, performance.now());
    if (this.#turning) return;
    this.#turning = true;
    setImmediate(this.#turn);
  }

  has(polled: Polled): boolean {
    return this.#watched.has(polled);
  }

  /** It is gone. */
  forget(polled: Polled): void {
    this.#watched.delete(polled);
  }

  readonly #turn = (): void => {
    const now = performance.now();
    const most = maySpin() ? POLL_MS : CROWDED_POLL_MS;
    for (const [polled, since] of this.#watched) {
      if (polled.poll()) this.#watched.set(polled, now);
      if (polled.expecting && now - since < most) continue;
      this.#watched.delete(polled);
      polled.pollEnded();
    }
    this.#turning = this.#watched.size > 0;
    if (this.#turning) setImmediate(this.#turn);
  };
}

/** One for the process: its event loop is one. */
export const hostPoll: HostPoll = new HostPoll();
