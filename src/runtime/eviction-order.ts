import type { PluginUnit } from './plugin-unit.js';

interface Candidate {
  readonly unit: PluginUnit;
  readonly lastCallAt: number;
}

/**
 * Those that may give up their instances, the longest unused first. They are put in order once, and that holds until all are used up: whoever is
 * called meanwhile comes after all of them, and so does who comes up.
 */
export class EvictionOrder {
  readonly #all: () => Iterable<PluginUnit>;
  readonly #mayGo: (unit: PluginUnit) => boolean;
  /** The first is the last. */
  #order: Candidate[] = [];

  /**
   * @param all those that have instances
   * @param mayGo is asked when it is one's turn
   */
  constructor(all: () => Iterable<PluginUnit>, mayGo: (unit: PluginUnit) => boolean) {
    this.#all = all;
    this.#mayGo = mayGo;
  }

  /** Takes the next; undefined where there is none. */
  next(except: PluginUnit): PluginUnit | undefined {
    return this.#take(except) ?? (this.#putInOrder() ? this.#take(except) : undefined);
  }

  /** Keeps no plugin that is gone. */
  forget(): void {
    this.#order = [];
  }

  #take(except: PluginUnit): PluginUnit | undefined {
    for (let one = this.#order.pop(); one; one = this.#order.pop()) {
      const { unit, lastCallAt } = one;
      if (unit !== except && unit.lastCallAt === lastCallAt && this.#mayGo(unit)) return unit;
    }
    return undefined;
  }

  #putInOrder(): boolean {
    for (const unit of this.#all())
      if (this.#mayGo(unit)) this.#order.push({ unit, lastCallAt: unit.lastCallAt });
    // Of those that nobody has called the oldest goes first, too.
    this.#order.reverse().sort((a, b) => b.lastCallAt - a.lastCallAt);
    return this.#order.length > 0;
  }
}
