const LEAST_PLACES = 16;
/** So many are kept, however few are used. */
const KEPT_PLACES = 256;

/**
 * A map whose keys are numbers given out one after the other, and taken away soon: calls under way. `Map` would do, but
 * it makes itself anew after so many deletions, and each old one keeps the next: once one of them is old enough for the
 * collector to leave alone (V8 11), everything that comes after it lives as long (measured: two thirds of all garbage, a
 * sixth of the host's time at 130 000 calls a second).
 *
 * Open addressing with linear probing; keys are whole numbers from 0 on. Iterates in no order that means anything, and
 * must not be changed meanwhile.
 */
export class NumberMap<T extends object> {
  #keys: number[] = new Array(LEAST_PLACES).fill(0);
  #values: (T | undefined)[] = new Array(LEAST_PLACES).fill(undefined);
  #mask = LEAST_PLACES - 1;
  #size = 0;

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
    if (this.#size * 4 > this.#mask * 3) this.#resize((this.#mask + 1) * 2);
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
      if (((at - key) & mask) < ((at - gap) & mask)) continue;
      this.#keys[gap] = key;
      values[gap] = values[at];
      values[at] = undefined;
      gap = at;
    }
    if (this.#size * 16 < mask && mask >= KEPT_PLACES) this.#resize((mask + 1) / 2);
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

  /** Where the key is, or would be. */
  #find(key: number): number {
    const mask = this.#mask;
    let at = key & mask;
    while (this.#values[at] !== undefined && this.#keys[at] !== key) at = (at + 1) & mask;
    return at;
  }

  #resize(places: number): void {
    const [keys, values] = [this.#keys, this.#values];
    this.#mask = places - 1;
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
