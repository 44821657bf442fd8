interface Flow<Key> {
  readonly key: Key;
  /** What it has used, on a clock on which all that wait advance alike. */
  spent: number;
  /** Orders those that have used the same. */
  turn: number;
  waits: boolean;
}

/**
 * Whose turn it is among many that wait for one thing: of those that wait, the one that has used least. Costs are known
 * only afterwards and paid then. Who was away has no savings, and who leaves in debt comes back in debt: a flood delays
 * itself and not the others, whether it comes as many small pieces of work or as few large ones.
 *
 * In effect a deficit round robin with a quantum of nothing; finding the next costs a look at each that waits.
 */
export class FairTurns<Key> {
  readonly #flows = new Map<Key, Flow<Key>>();
  /** Those that wait, in no order. A list: they come and go with each piece of work, and a look at all makes nothing new. */
  readonly #waiting: Flow<Key>[] = [];
  /** Where those stand that begin to wait now: what the last one had used when its turn came. */
  #level = 0;
  #turns = 0;

  /** How many wait. */
  get size(): number {
    return this.#waiting.length;
  }

  /** Waits from now on; for one that does already, nothing changes. */
  join(key: Key): void {
    let flow = this.#flows.get(key);
    if (flow?.waits) return;
    if (!flow) {
      flow = { key, spent: 0, turn: 0, waits: false };
      this.#flows.set(key, flow);
    }
    flow.spent = Math.max(flow.spent, this.#level);
    flow.turn = ++this.#turns;
    flow.waits = true;
    this.#waiting.push(flow);
  }

  /** Waits no more; it keeps its debt. */
  leave(key: Key): void {
    const flow = this.#flows.get(key);
    if (!flow?.waits) return;
    flow.waits = false;
    const last = this.#waiting.pop()!;
    if (last !== flow) this.#waiting[this.#waiting.indexOf(flow)] = last;
  }

  /** Whose turn it is; undefined where nobody waits, or nobody that `accept` wants. */
  next(accept?: (key: Key) => boolean): Key | undefined {
    let least: Flow<Key> | undefined;
    for (const flow of this.#waiting) {
      if (least && (flow.spent > least.spent || (flow.spent === least.spent && flow.turn > least.turn)))
        continue;
      if (accept && !accept(flow.key)) continue;
      least = flow;
    }
    if (!least) return undefined;
    this.#level = Math.max(this.#level, least.spent);
    return least.key;
  }

  /** It has used so much; less than nothing gives back what was paid too much. */
  charge(key: Key, cost: number): void {
    if (this.#flows.size === 0) return;
    const flow = this.#flows.get(key);
    if (!flow) return;
    flow.spent += cost;
    if (cost > 0) flow.turn = ++this.#turns;
    // What was used while nobody waited was taken from nobody.
    if (this.#waiting.length === 0) this.#level = Math.max(this.#level, flow.spent);
  }

  /** It is gone, and its debt with it. */
  forget(key: Key): void {
    this.leave(key);
    this.#flows.delete(key);
  }
}
