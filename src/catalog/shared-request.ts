import { abortable, throwIfAborted } from '../integrity/abortable.js';

/**
 * One answer for everybody who asks: the work starts with the first question, its result is kept, a failure is not. Who
 * aborts leaves alone; when nobody waits any more the work is aborted too.
 */
export class SharedRequest<T> {
  readonly #doing: string;
  readonly #work: (signal: AbortSignal) => Promise<T>;
  #current: { readonly answer: Promise<T>; readonly abort: AbortController; waiting: number } | undefined;

  /** `doing` completes "Aborted while …". */
  constructor(doing: string, work: (signal: AbortSignal) => Promise<T>) {
    this.#doing = doing;
    this.#work = work;
  }

  async get(signal?: AbortSignal): Promise<T> {
    throwIfAborted(signal, this.#doing);
    const current = this.#current ?? this.#start();
    current.waiting++;
    let settled = true;
    try {
      return await abortable(current.answer, signal, this.#doing);
    } catch (error) {
      settled = !signal?.aborted;
      throw error;
    } finally {
      current.waiting--;
      if (!settled && current.waiting === 0) {
        if (this.#current === current) this.#current = undefined;
        current.abort.abort(signal?.reason);
      }
    }
  }

  /** The next question starts anew; who waits now still gets the answer that was under way. */
  forget(): void {
    this.#current = undefined;
  }

  #start() {
    const abort = new AbortController();
    const answer = (async () => this.#work(abort.signal))();
    const current = { answer, abort, waiting: 0 };
    this.#current = current;
    answer.catch(() => {
      if (this.#current === current) this.#current = undefined;
    });
    return current;
  }
}
