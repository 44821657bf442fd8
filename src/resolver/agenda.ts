import type { OptionVariable, SlotVariable } from './choice-variables.js';
import type { PluginVariable } from './plugin-variable.js';
import { has } from './solver/value-set.js';
import type { Variable } from './solver/variable.js';

/** In the order in which they are settled. */
interface Lists {
  readonly plugins: Entry<PluginVariable>[];
  readonly slots: Entry<SlotVariable>[];
  readonly options: Entry<OptionVariable>[];
}

interface Entry<V extends Variable> {
  readonly variable: V;
  /** How many decisions had been taken when it was asked for. */
  readonly level: number;
}

/**
 * What is still to be settled, and in which order. The order depends on nothing but what has been decided, which makes
 * the preference one that can be told: breadth first from the specs, by name; who stands in for a name after all
 * plugins that are needed in any case; optional plugins last, so that none ever holds back a plugin that is needed.
 */
export class Agenda {
  readonly #lists: Lists = { plugins: [], slots: [], options: [] };
  /** Everything before these is decided. */
  readonly #settled = { plugins: 0, slots: 0, options: 0 };

  needPlugin(variable: PluginVariable, level: number): void {
    this.#lists.plugins.push({ variable, level });
  }

  needSlot(variable: SlotVariable, level: number): void {
    this.#lists.slots.push({ variable, level });
  }

  offerOption(variable: OptionVariable, level: number): void {
    this.#lists.options.push({ variable, level });
  }

  /** Forgets what decisions above `level` had asked for. */
  backtrack(level: number): void {
    for (const key of ['plugins', 'slots', 'options'] as const) {
      const list = this.#lists[key];
      while (list.length > 0 && list[list.length - 1]!.level > level) list.pop();
      this.#settled[key] = 0;
    }
  }

  nextPlugin(): PluginVariable | undefined {
    return this.#next('plugins', (variable) => variable.decided === undefined);
  }

  nextSlot(): SlotVariable | undefined {
    return this.#next('slots', (variable) => variable.decided === undefined);
  }

  /** Options that can only be dropped need no decision. */
  nextOption(): OptionVariable | undefined {
    return this.#next('options', (variable) => variable.decided === undefined && has(variable.current, 1));
  }

  #next<K extends keyof Lists>(
    key: K,
    isOpen: (variable: Lists[K][number]['variable']) => boolean,
  ): Lists[K][number]['variable'] | undefined {
    const list = this.#lists[key];
    for (let i = this.#settled[key]; i < list.length; i++) {
      const { variable } = list[i]!;
      if (isOpen(variable)) return variable;
      this.#settled[key] = i + 1;
    }
    return undefined;
  }
}
