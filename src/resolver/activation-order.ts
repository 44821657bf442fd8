/** What the order looks at. */
export interface Activated {
  readonly name: string;
  readonly priority: number;
  /** Names of the plugins that have to be there before. */
  readonly after: readonly string[];
}

/**
 * The order of activation: dependencies first; of those that could come next, the higher priority, then the name. Unloading
 * goes the other way round. The plugins must not wait for each other in a circle.
 */
export function activationOrder<T extends Activated>(plugins: readonly T[]): T[] {
  const waiting = new Map<string, number>();
  const dependents = new Map<string, T[]>();
  const byName = new Map(plugins.map((plugin) => [plugin.name, plugin]));
  for (const plugin of plugins) {
    const before = new Set(plugin.after.filter((name) => byName.has(name)));
    waiting.set(plugin.name, before.size);
    for (const name of before) {
      const list = dependents.get(name) ?? [];
      dependents.set(name, list);
      list.push(plugin);
    }
  }
  const ready = new Heap<T>((a, b) => b.priority - a.priority || (a.name < b.name ? -1 : 1));
  for (const plugin of plugins) if (waiting.get(plugin.name) === 0) ready.push(plugin);
  const order: T[] = [];
  for (let next = ready.pop(); next !== undefined; next = ready.pop()) {
    order.push(next);
    for (const dependent of dependents.get(next.name) ?? []) {
      const left = waiting.get(dependent.name)! - 1;
      waiting.set(dependent.name, left);
      if (left === 0) ready.push(dependent);
    }
  }
  return order;
}

/** A binary heap: the least comes out first. */
class Heap<T> {
  readonly #items: T[] = [];
  readonly #compare: (a: T, b: T) => number;

  constructor(compare: (a: T, b: T) => number) {
    this.#compare = compare;
  }

  push(item: T): void {
    const items = this.#items;
    let i = items.push(item) - 1;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (this.#compare(items[parent]!, item) <= 0) break;
      items[i] = items[parent]!;
      i = parent;
    }
    items[i] = item;
  }

  pop(): T | undefined {
    const items = this.#items;
    const least = items[0];
    const last = items.pop();
    if (last === undefined || items.length === 0) return least;
    let i = 0;
    for (let child = 1; child < items.length; child = 2 * i + 1) {
      if (child + 1 < items.length && this.#compare(items[child + 1]!, items[child]!) < 0) child++;
      if (this.#compare(last, items[child]!) <= 0) break;
      items[i] = items[child]!;
      i = child;
    }
    items[i] = last;
    return least;
  }
}
