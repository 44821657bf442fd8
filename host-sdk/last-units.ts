import { parseSpec } from '../src/resolver/spec.js';
import { type FormerUnit, formerUnit } from '../src/runtime/former-unit.js';
import { type LoadTarget, targetName } from '../src/runtime/load-target.js';
import type { PluginUnit } from '../src/runtime/plugin-unit.js';

/** Unloaded plugins whose handles still know what they were. */
const MAX_GONE = 100;

/** What a host remembers of the plugins that it loaded, also after they are gone. */
export class LastUnits {
  /** The last unit under each name, for its handles; of those that are gone the latest 100, and little of each. */
  readonly #units = new Map<string, FormerUnit>();
  /** The ranges that plugins were asked for with, for their reloads. */
  readonly #ranges = new Map<string, string>();

  get(name: string): FormerUnit | undefined {
    return this.#units.get(name);
  }

  range(name: string): string | undefined {
    return this.#ranges.get(name);
  }

  set(name: string, unit: PluginUnit): void {
    this.#units.set(name, unit);
  }

  /** After a load of these targets that brought up these units; `loaded` are all that are there. */
  add(
    units: readonly PluginUnit[],
    targets: readonly LoadTarget[],
    loaded: ReadonlyMap<string, PluginUnit>,
  ): void {
    for (const unit of units) {
      this.#units.set(unit.name, unit);
      this.#ranges.delete(unit.name);
    }
    for (const target of targets) this.#remember(target);
    this.#forgetOld(loaded);
  }

  /** After an unload, or a load that failed. */
  settle(loaded: ReadonlyMap<string, PluginUnit>): void {
    for (const [name, unit] of this.#units) if (!loaded.has(name)) this.#units.set(name, formerUnit(unit));
  }

  /** The first range counts: a later load of what is there already changes nothing. */
  #remember(target: LoadTarget): void {
    const name = targetName(target);
    if (!('spec' in target) || this.#ranges.has(name)) return;
    this.#ranges.set(name, parseSpec(target.spec).range);
  }

  /** A host that loads and unloads ever new names must not grow by what it has forgotten. */
  #forgetOld(loaded: ReadonlyMap<string, PluginUnit>): void {
    let gone = this.#units.size - loaded.size;
    for (const name of this.#units.keys()) {
      if (gone <= MAX_GONE) return;
      if (loaded.has(name)) continue;
      this.#units.delete(name);
      this.#ranges.delete(name);
      gone--;
    }
  }
}
