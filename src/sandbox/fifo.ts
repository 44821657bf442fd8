/** Places that may be empty before the list is cut. */
const MOST_EMPTY = 256;

/** First in, first out. Shifting a list of thousands for each costs a move of all of it; here its head moves, and it is cut now and then. */
export class Fifo<T extends object> {
  /** Those before the head were taken, and their places are empty. */
  readonly #list: (T | undefined)[] = [];
  #head = 0;

  get length(): number {
    return this.#list.length - this.#head;
  }

  push(one: T): void {
    this.#list.push(one);
  }

  shift(): T | undefined {
    const list = this.#list;
    const first = list[this.#head];
    if (first === undefined) return undefined;
    // What was taken must not be kept until the list is cut.
    list[this.#head++] = undefined;
    if (this.#head === list.length) {
      list.length = this.#head = 0;
    } else if (this.#head > MOST_EMPTY && this.#head * 2 > list.length) {
      list.splice(0, this.#head);
      this.#head = 0;
    }
    return first;
  }

  /** Takes the first that `accept` wants, wherever it is. */
  take(accept: (one: T) => boolean): T | undefined {
    for (let at = this.#head; at < this.#list.length; at++) {
      const one = this.#list[at]!;
      if (!accept(one)) continue;
      if (at === this.#head) return this.shift();
      this.#list.splice(at, 1);
      return one;
    }
    return undefined;
  }
}
