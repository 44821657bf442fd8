/** One thread's part in the count of files that the guests of a host have open. Structured-cloneable. */
export interface FileBudgetShare {
  /** One word for the whole host. */
  readonly total: SharedArrayBuffer;
  /** One word for this thread, so that its files can be taken off when it ends. */
  readonly own: SharedArrayBuffer;
  /** `Infinity` means none. */
  readonly limit: number;
}

/** The thread's end: takes and gives back places for open files. Every taker sees the others' at once. */
export class FileBudget {
  readonly limit: number;
  readonly #total: Int32Array;
  readonly #own: Int32Array;

  constructor({ total, own, limit }: FileBudgetShare) {
    this.limit = limit;
    this.#total = new Int32Array(total);
    this.#own = new Int32Array(own);
  }

  /** Takes a place; false where none is left. */
  take(): boolean {
    if (Atomics.add(this.#total, 0, 1) < this.limit) {
      Atomics.add(this.#own, 0, 1);
      return true;
    }
    Atomics.sub(this.#total, 0, 1);
    return false;
  }

  give(): void {
    Atomics.sub(this.#own, 0, 1);
    Atomics.sub(this.#total, 0, 1);
  }
}

/** The host's end: `budget.openFiles` over all threads. */
export class FileBudgets {
  readonly #total = new SharedArrayBuffer(4);
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Files that guests have open now. */
  get used(): number {
    return Atomics.load(new Int32Array(this.#total), 0);
  }

  /** A share for a new thread. `release` is for the thread's end, when Node has closed what it had open. */
  share(): { readonly data: FileBudgetShare; readonly release: () => void } {
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
