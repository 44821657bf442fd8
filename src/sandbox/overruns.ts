import type { CallCost } from './capacity.js';
import type { Failure } from './protocol.js';

/** So long a plugin that ran into a limit of time is expected to do it again. */
const REMEMBERED_MS = 60_000;
/** A call that waited for most of its time, and did when it was stopped, has held up nobody. */
const COMPUTED = 0.5;

/** Remembers whether a plugin's guests computed until they were stopped: they hold up whoever lives in their thread. */
export class Overruns {
  #lastAt = Number.NEGATIVE_INFINITY;

  /** A run ended like this, at `now` by `performance.now()`. */
  ended(failure: Failure, { cpuMs, durationMs }: CallCost, now: number): void {
    const { violation } = failure;
    if ((violation === 'timeout' || violation === 'cpu') && cpuMs >= durationMs * COMPUTED)
      this.#lastAt = now;
  }

  /** Has there been one of late? */
  recent(now: number): boolean {
    return now - this.#lastAt < REMEMBERED_MS;
  }
}
