import type { Failure, GuestSpec } from './protocol.js';

/** The second failure in a row costs up to so long, each further one twice as long as the last. */
const FIRST_MS = 250;
const LONGEST_MS = 30_000;

/**
 * When a plugin that does not start is tried again. After one failure the next call tries; from the second in a row on it
 * has to wait: 250 ms, 500 ms, and so on to 30 s, each by chance shortened by up to a half, so that plugins that failed
 * together do not come back together. A start that succeeds ends it.
 */
export class RestartBackoff {
  readonly #random: () => number;
  #failures = 0;
  #retryAt = Number.NEGATIVE_INFINITY;
  #cause: Failure | undefined;

  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  /** @param now `performance.now()` */
  failed(cause: Failure, now: number): void {
    this.#failures++;
    this.#cause = cause;
    if (this.#failures < 2) return;
    const pause = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(this.#failures - 2, 16));
    this.#retryAt = now + pause * (1 - this.#random() / 2);
  }

  succeeded(): void {
    this.#failures = 0;
    this.#retryAt = Number.NEGATIVE_INFINITY;
    this.#cause = undefined;
  }

  /** Why nothing is started now; undefined where it may be tried. The violation of the cause is counted, and not in here. */
  refusal({ plugin, version }: GuestSpec, now: number): Failure | undefined {
    if (!this.#cause || now >= this.#retryAt) return undefined;
    const retryInMs = Math.ceil(this.#retryAt - now);
    return {
      code: this.#cause.code,
      message: `${plugin}@${version} did not start ${this.#failures} times in a row; the next call in ${retryInMs} ms or later tries again, or a reload. The last time: ${this.#cause.message}`,
      details: { ...this.#cause.details, failures: this.#failures, retryInMs },
    };
  }
}
