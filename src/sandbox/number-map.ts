const LEAST_PLACES = 16;
/** So many are kept, however few are used. */
const KEPT_PLACES = 256;
/** It becomes smaller once as many were taken away as are this share of its places, and it was nearly empty all the time: calls come in bursts. */
const PATIENCE = 1 / 8;
/** 2^32 by the golden ratio. */
const SCATTER = 0x9e3779b1;

/**
 * A map whose keys are numbers given out one after the other, and taken away soon: calls under way. `Map` would do, but
 * it makes itself anew after so many deletions, and each old one keeps the next: once one of them is old enough for the
 * collector to leave alone (V8 11), everything that comes after it lives as long (measured: two thirds of all garbage, a
 * sixth of the host's time at 130 000 calls a second).
 *
 * Open addressing with linear probing; keys are whole numbers from 0 to 2^31 - 1. They are scattered (Knuth's multiplicative hash): in
 * the places of their own last bits, thousands that follow each other would be one run, and each that is taken away from it a look at all of
 * that run. Iterates in no order that means anything, and
 * must not be changed meanwhile.
 */
export class NumberMap<T extends object> {
  #keys: number[] = new Array(LEAST_PLACES).fill(0);
  #values: (T | undefined)[] = new Array(LEAST_PLACES).fill(undefined);
  #mask = LEAST_PLACES - 1;
  #size = 0;
  /** How many were taken away since it was found nearly empty. */
  #sparse = 0;

  get size(): number {
    return this.#size;
  }

  has(key: number): boolean {
    return this.get(key) !== undefined;
  }

  get(key: number): T | undefined {
    const at = this.#find(key);
    return this.#values[at];
  }

  set(key: number, value: T): this {
    const at = this.#find(key);
    if (this.#values[at] === undefined) {
      this.#keys[at] = key;
      this.#size++;
    }
    this.#values[at] = value;
    if (this.#size * 16 >= this.#mask) this.#sparse = 0;
    if (this.#size * 2 > this.#mask) this.#resize((this.#mask + 1) * 2);
    return this;
  }

  delete(key: number): boolean {
    let gap = this.#find(key);
    const values = this.#values;
    if (values[gap] === undefined) return false;
    values[gap] = undefined;
    this.#size--;
    // Those behind it that are not in their own places, because it was in the way, move up.
    const mask = this.#mask;
    for (let at = (gap + 1) & mask; values[at] !== undefined; at = (at + 1) & mask) {
      const key = this.#keys[at]!;
      if (((at - this.#home(key)) & mask) < ((at - gap) & mask)) continue;
      this.#keys[gap] = key;
      values[gap] = values[at];
      values[at] = undefined;
      gap = at;
    }
    if (this.#size * 16 < mask && mask >= KEPT_PLACES && ++this.#sparse > mask * PATIENCE) {
      this.#resize((mask + 1) / 2);
    }
    return true;
  }

  clear(): void {
    this.#size = 0;
    this.#mask = LEAST_PLACES - 1;
    this.#allocate();
  }

  *values(): Generator<T, void> {
    for (const value of this.#values) if (value !== undefined) yield value;
  }

  *entries(): Generator<readonly [key: number, value: T], void> {
    for (let at = 0; at <= this.#mask; at++) {
      const value = this.#values[at];
      if (value !== undefined) yield [this.#keys[at]!, value];
    }
  }

  /** Where it would be if it were alone: by the upper bits of the product, which depend on all of the key's. */
  #home(key: number): number {
    return Math.imul(key, SCATTER) >>> Math.clz32(this.#mask);
  }

  /** Where the key is, or would be. */
  #find(key: number): number {
    const mask = this.#mask;
    let at = this.#home(key);
    while (this.#values[at] !== undefined && this.#keys[at] !== key) at = (at + 1) & mask;
    return at;
  }

  #resize(places: number): void {
    const [keys, values] = [this.#keys, this.#values];
    this.#mask = places - 1;
    this.#sparse = 0;
    this.#allocate();
    for (let i = 0; i < values.length; i++) {
      const value = values[i];
      if (value === undefined) continue;
      const at = this.#find(keys[i]!);
      this.#keys[at] = keys[i]!;
      this.#values[at] = value;
    }
  }

  #allocate(): void {
    this.#keys = new Array(this.#mask + 1).fill(0);
    this.#values = new Array(this.#mask + 1).fill(undefined);
  }
}
