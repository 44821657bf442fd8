import { Coroutine } from './coroutine.js';
import type { SharedBudget } from './shared-budget.js';

/** What was parked for so long without being used once is given back. */
const KEEP_MS = 1000;
/** Of so many stacks that have ended V8 is made to give back those that it keeps. */
const TRIM_EVERY = 16;

/** The coroutines of one thread. Each counts against the stacks of the process, also while it is parked. */
export class CoroutinePool {
  readonly #stacks: SharedBudget;
  readonly #parked: Coroutine[] = [];
  /** The fewest that were parked at the same time since the last look. */
  #fewest = 0;
  #ended = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(stacks: SharedBudget) {
    this.#stacks = stacks;
  }

  /** One to run a guest on. Undefined where the process has no more stacks. */
  take(): Coroutine | undefined {
    const parked = this.#parked.pop();
    if (!parked) return this.#stacks.take() ? new Coroutine() : undefined;
    this.#fewest = Math.min(this.#fewest, this.#parked.length);
    return parked;
  }

  /** Its guest has ended. */
  give(coroutine: Coroutine): void {
    if (!coroutine.isParked) {
      this.#stacks.give();
      if (++this.#ended % TRIM_EVERY === 0) Coroutine.trim();
      return;
    }
    this.#parked.push(coroutine);
    this.#timer ??= setTimeout(() => this.#release(), KEEP_MS).unref();
  }

  #release(): void {
    const unused = this.#parked.splice(0, this.#fewest);
    for (const coroutine of unused) coroutine.end();
    // They have come to their ends by then, and no call has begun: one that finds no stack blocks the thread while its guest waits, and
    // as long as calls follow each other the event loop has no turn.
    void Promise.resolve().then(() => {
      Coroutine.trim();
      this.#stacks.give(unused.length);
    });
    this.#fewest = this.#parked.length;
    if (this.#fewest > 0) this.#timer!.refresh();
    else this.#timer = undefined;
  }
}
