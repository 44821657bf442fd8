/** What the order looks at. */
export interface Activated {
  readonly name: string;
  readonly priority: number;
  /** Names of the plugins that have to be there before. */
  readonly after: readonly string[];
}

/**
 * The order of activation: dependencies first; of those that could come next, the higher priority, then the name. Unloading
 * goes the other way round. Plugins that wait for each other in a circle are left out, and so is what comes after them.
 */
export function activationOrder<T extends Activated>(plugins: readonly T[]): T[] {
  const nodes = plugins.map((plugin): Node<T> => ({ plugin, waitsFor: 0, dependents: [] }));
  const byName = new Map(nodes.map((node) => [node.plugin.name, node]));
  for (const node of nodes) {
    for (const name of node.plugin.after) {
      const before = byName.get(name);
      if (before === undefined) continue;
      before.dependents.push(node);
      node.waitsFor++;
    }
  }
  const ready = new Heap<Node<T>>(
    ({ plugin: a }, { plugin: b }) => b.priority - a.priority || (a.name < b.name ? -1 : 1),
  );
  for (const node of nodes) if (node.waitsFor === 0) ready.push(node);
  const order: T[] = [];
  for (let next = ready.pop(); next !== undefined; next = ready.pop()) {
    order.push(next.plugin);
    for (const dependent of next.dependents) {
      dependent.waitsFor--;
      if (dependent.waitsFor === 0) ready.push(dependent);
    }
  }
  return order;
}

interface Node<T> {
  readonly plugin: T;
  /** How many of those before it are not in the order yet. */
  waitsFor: number;
  /** Whom it is before; somebody who names it twice is in it twice, and counts it twice. */
  readonly dependents: Node<T>[];
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
