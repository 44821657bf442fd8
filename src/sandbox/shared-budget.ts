/** One thread's part in the count of something that the guests of a host may have so much of. Structured-cloneable. */
export interface SharedBudgetShare {
  /** One word for the whole host. */
  readonly total: SharedArrayBuffer;
  /** One word for this thread, so that what it has can be taken off when it ends. */
  readonly own: SharedArrayBuffer;
  /** `Infinity` means none. */
  readonly limit: number;
}

/** The thread's end: takes and gives back, open files or pages of memory. Every taker sees the others' at once. */
export class SharedBudget {
  readonly limit: number;
  readonly #total: Int32Array;
  readonly #own: Int32Array;

  constructor({ total, own, limit }: SharedBudgetShare) {
    this.limit = limit;
    this.#total = new Int32Array(total);
    this.#own = new Int32Array(own);
  }

  /** What all takers have. */
  get used(): number {
    return Atomics.load(this.#total, 0);
  }

  /** Takes so many; false, and takes none, where they are not left. */
  take(count = 1): boolean {
    if (Atomics.add(this.#total, 0, count) + count <= this.limit) {
      Atomics.add(this.#own, 0, count);
      return true;
    }
    Atomics.sub(this.#total, 0, count);
    return false;
  }

  /** Takes so many that were admitted elsewhere. */
  admitted(count: number): void {
    Atomics.add(this.#total, 0, count);
    Atomics.add(this.#own, 0, count);
  }

  give(count = 1): void {
    Atomics.sub(this.#own, 0, count);
    Atomics.sub(this.#total, 0, count);
  }
}

/** The host's end: a budget over all its threads. */
export class SharedBudgets {
  readonly #total = new SharedArrayBuffer(4);
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** What guests have now. */
  get used(): number {
    return Atomics.load(new Int32Array(this.#total), 0);
  }

  /** A share for a new thread. `release` is for the thread's end, when what it had is gone. */
  share(): { readonly data: SharedBudgetShare; readonly release: () => void } {
    const own = new SharedArrayBuffer(4);
    return {
      data: { total: this.#total, own, limit: this.#limit },
      release: () => {
        const left = Atomics.exchange(new Int32Array(own), 0, 0);
        Atomics.sub(new Int32Array(this.#total), 0, left);
      },
    };
  }
}
