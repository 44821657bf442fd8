import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';

/** How often the loop is looked at. A delay below this is not seen. */
const RESOLUTION_MS = 20;
/** What was measured counts for so long at least, and up to twice as long. */
const WINDOW_MS = 60_000;

/** How late the host's event loop runs. Nothing is measured before somebody asks for the first time. */
export class EventLoopDelay {
  readonly #now: () => number;
  #histogram: IntervalHistogram | undefined;
  #since = 0;
  #before = 0;
  #closed = false;

  constructor({ now = () => performance.now() }: { readonly now?: () => number } = {}) {
    this.#now = now;
  }

  /**
   * The 99th percentile of the last minute or two, in milliseconds; undefined where nothing was measured yet. The first
   * question begins the measurement, which keeps no process alive.
   */
  read(): number | undefined {
    if (this.#closed) return undefined;
    if (!this.#histogram) {
      this.#histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
      this.#histogram.enable();
      this.#since = this.#now();
      return undefined;
    }
    const { count } = this.#histogram;
    if (count === 0 && this.#before === 0) return undefined;
    // Node counts the whole time from one look to the next, that which was asked for included.
    const p99 = count === 0 ? 0 : Math.max(0, this.#histogram.percentile(99) / 1e6 - RESOLUTION_MS);
    const worst = Math.max(p99, this.#before);
    if (this.#now() - this.#since >= WINDOW_MS) {
      this.#before = p99;
      this.#since = this.#now();
      this.#histogram.reset();
    }
    return worst;
  }

  close(): void {
    this.#closed = true;
    this.#histogram?.disable();
    this.#histogram = undefined;
  }
}
