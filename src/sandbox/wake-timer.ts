import { performance } from 'node:perf_hooks';
/** One timer that is set again and again: it fires once, at the earliest of the times asked for. */
export class WakeTimer {
  readonly #wake: () => void;
  #timer: NodeJS.Timeout | undefined;
  #at = Number.POSITIVE_INFINITY;

  constructor(wake: () => void) {
    this.#wake = wake;
  }

  /** Wakes in so many milliseconds; `Infinity` never. */
  in(ms: number, now = performance.now()): void {
    const at = now + ms;
    if (at >= this.#at) return;
    clearTimeout(this.#timer);
    this.#at = at;
    this.#timer = setTimeout(this.#due, Math.min(Math.ceil(ms), 2 ** 31 - 1));
  }

  readonly #due = (): void => {
    this.#at = Number.POSITIVE_INFINITY;
    this.#wake();
  };

  stop(): void {
    clearTimeout(this.#timer);
    this.#at = Number.POSITIVE_INFINITY;
  }
}
