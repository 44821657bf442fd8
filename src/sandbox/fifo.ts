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

  /** What comes next. */
  get first(): T | undefined {
    return this.#list[this.#head];
  }

  /** What is at this place of those that wait, from 0 on. */
  at(index: number): T | undefined {
    return this.#list[this.#head + index];
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

  /** Puts one before what is at this place. */
  insert(index: number, one: T): void {
    if (index === this.length) this.push(one);
    else this.#list.splice(this.#head + index, 0, one);
  }

  /** Takes what is at this place. */
  takeAt(index: number): T | undefined {
    return index === 0 ? this.shift() : this.#list.splice(this.#head + index, 1)[0];
  }

  /** Takes all that `accept` wants, in order. */
  takeAll(accept: (one: T) => boolean): T[] {
    const taken: T[] = [];
    for (let left = this.length; left > 0; left--) {
      const one = this.shift()!;
      if (accept(one)) taken.push(one);
      else this.push(one);
    }
    return taken;
  }

  /** Takes the first that `accept` wants, wherever it is. */
  take(accept: (one: T) => boolean): T | undefined {
    for (let index = 0; index < this.length; index++) {
      if (accept(this.at(index)!)) return this.takeAt(index);
    }
    return undefined;
  }
}
