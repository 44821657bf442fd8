import { ownValue } from '../manifest/own-value.js';
import type { Candidate } from './candidate.js';
import { OptionVariable, SlotVariable } from './choice-variables.js';
import { type Relax, relaxNothing } from './constraint.js';
import type { DependencyFact } from './facts.js';
import type { PluginVariable } from './plugin-variable.js';
import type { Term } from './solver/incompatibility.js';
import type { Solver } from './solver/solver.js';
import { has, only, type ValueSet } from './solver/value-set.js';
import type { Universe } from './universe.js';

/** A name that one version of a plugin depends on. */
export interface Requirement {
  readonly name: string;
  readonly range: string;
  /** The plugin of that name, whether there are versions of it or not. */
  readonly plugin: PluginVariable;
  /** Absent where the dependency is not optional. */
  readonly option?: OptionVariable;
}

/** Turns what manifests say they need into facts, one version at a time, when it is about to be decided. */
export class Requirements<C extends Candidate> {
  readonly #universe: Universe<C>;
  readonly #solver: Solver;
  readonly #relax: Relax;
  /** By value. */
  readonly #known = new Map<PluginVariable<C>, (readonly Requirement[])[]>();
  /** By owner and name: the versions that a fact about another version was told of, too. */
  readonly #told = new Map<PluginVariable<C>, Map<string, ValueSet>>();
  readonly #isThorough: boolean;
  readonly #options = new Map<string, OptionVariable>();

  /** `isThorough`: see {@link #needing}. */
  constructor(universe: Universe<C>, solver: Solver, relax: Relax, isThorough: boolean) {
    this.#universe = universe;
    this.#solver = solver;
    this.#relax = relax;
    this.#isThorough = isThorough;
  }

  /** What a version needs; `undefined` until {@link learn} is done. */
  of(plugin: PluginVariable<C>, value: number): readonly Requirement[] | undefined {
    return this.#known.get(plugin)?.[value];
  }

  /** Asks for the names that a version depends on, and adds what follows: at once where all names are known. */
  learn(plugin: PluginVariable<C>, value: number): undefined | Promise<void> {
    const { dependencies, optionalDependencies } = plugin.candidate(value).manifest;
    const hard = sortedKeys(dependencies);
    // A loaded plugin was wired when it was loaded; what it did without then, it does without now.
    const optional = this.#universe.isLoaded(plugin.name)
      ? NONE
      : sortedKeys(optionalDependencies).filter((name) => !Object.hasOwn(dependencies, name));
    const names = optional.length === 0 ? hard : [...hard, ...optional];
    const unknown = names.filter((name) => this.#universe.needed(name) === undefined);
    if (unknown.length > 0) {
      return this.#universe.needNames(unknown).then(() => this.#tellAll(plugin, value, hard, optional));
    }
    this.#tellAll(plugin, value, hard, optional);
    return undefined;
  }

  #tellAll(
    owner: PluginVariable<C>,
    value: number,
    hard: readonly string[],
    optional: readonly string[],
  ): void {
    const { dependencies, optionalDependencies } = owner.candidate(value).manifest;
    const requirements: Requirement[] = [];
    for (const name of hard) {
      const plugin = this.#universe.needed(name)!;
      if (this.#isRelaxedAway(plugin)) continue;
      const range = dependencies[name]!;
      requirements.push({ name, range, plugin });
      this.#tellOnce(owner, value, plugin, range);
    }
    for (const name of optional) {
      const plugin = this.#universe.needed(name)!;
      const range = optionalDependencies[name]!;
      requirements.push({ name, range, plugin, option: this.#option(owner, plugin, range) });
    }
    const versions = this.#known.get(owner) ?? [];
    versions[value] = requirements;
    this.#known.set(owner, versions);
  }

  #isRelaxedAway({ name, present, slot }: PluginVariable<C>): boolean {
    return present === 0n && slot === undefined && this.#relax({ kind: 'missing', name });
  }

  #tellOnce(owner: PluginVariable<C>, value: number, target: PluginVariable<C>, range: string): void {
    const { name, slot } = target;
    const told = this.#told.get(owner)?.get(name) ?? 0n;
    if (told !== 0n && has(told, value)) return;
    const isDirect = slot === undefined && target !== owner;
    const allowed = isDirect ? this.#allowed(owner, target, range) : 0n;
    const isHopeless = isDirect && (allowed & target.current) === 0n && !this.#isRelaxed(owner.name, name);
    const swept = isHopeless ? this.#sweep(owner, target) : 0n;
    const needing = swept || this.#needing(owner, value, name, range);
    // A version is learned of once, so what is told of it alone need not be remembered.
    if (needing !== only(value)) this.#remember(owner, name, told | needing);
    if (swept !== 0n) return;
    const needs = { variable: owner, set: needing };
    const fact = dependencyFact(owner.name, name, range, false);
    if (isDirect) this.#solver.add([needs, { variable: target, set: target.all ^ allowed }], fact);
    else if (slot !== undefined) this.#tellSlot(owner, [needs], slot, range, fact);
    else if (!this.#relax({ kind: 'cycle' })) {
      this.#solver.add([needs], { kind: 'cycle', path: [name, name] });
    }
  }

  #remember(owner: PluginVariable<C>, name: string, set: ValueSet): void {
    const told = this.#told.get(owner) ?? new Map<string, ValueSet>();
    this.#told.set(owner, told.set(name, set));
  }

  /**
   * The versions that a fact about one of them is told of. As long as nothing went wrong it is that one, because most others
   * will never matter; after that, and for explanations, all versions that say the same.
   */
  #needing(owner: PluginVariable<C>, value: number, name: string, range: string): ValueSet {
    if (!this.#isThorough && this.#solver.conflicts === 0) return only(value);
    return owner.where(({ manifest }) => ownValue(manifest.dependencies, name) === range);
  }

  #allowed(owner: PluginVariable<C>, target: PluginVariable, range: string): ValueSet {
    return this.#isRelaxed(owner.name, target.name) ? target.present : target.matching(range);
  }

  /**
   * Where a version cannot have what it needs as things are, most of its neighbours cannot either, each with a range of
   * its own. One fact for all of them saves that many wrong turns, and that many lines of an explanation. Answers with
   * these versions where they all have the same range: then there is nothing more to tell.
   */
  #sweep(owner: PluginVariable<C>, target: PluginVariable<C>): ValueSet {
    const { name, current: possible } = target;
    const ranges = new Map<string, boolean>();
    let allowed = 0n;
    const swept = owner.where(({ manifest }) => {
      const other = ownValue(manifest.dependencies, name);
      if (other === undefined) return false;
      const known = ranges.get(other);
      if (known !== undefined) return known;
      const set = target.matching(other);
      const isHopeless = (set & possible) === 0n;
      if (isHopeless) allowed |= set;
      ranges.set(other, isHopeless);
      return isHopeless;
    });
    const hopeless = [...ranges].flatMap(([text, isHopeless]) => (isHopeless ? [text] : []));
    this.#solver.add(
      [
        { variable: owner, set: swept },
        { variable: target, set: target.all & ~allowed },
      ],
      { kind: 'dependency', owner: owner.name, name, ranges: hopeless, optional: false },
    );
    return hopeless.length === 1 ? swept : 0n;
  }

  /** The same for a name that others may stand in for: whoever serves it has to have a version in the range. */
  #tellSlot(
    owner: PluginVariable<C>,
    base: readonly Term[],
    slot: SlotVariable,
    range: string,
    fact: DependencyFact,
  ): void {
    const { name } = slot;
    this.#solver.add([...base, { variable: slot, set: SlotVariable.nobody }], fact);
    const { own } = slot;
    const allowed = this.#allowed(owner, own, range);
    this.#solver.add(
      [...base, { variable: slot, set: SlotVariable.itself }, { variable: own, set: own.all & ~allowed }],
      { ...fact, via: name },
    );
    for (const { name: via } of slot.providers) {
      const provider = this.#universe.plugin(via);
      const serves = { variable: slot, set: only(slot.valueFor(provider)) };
      if (provider === owner) {
        this.#solver.add([...base, serves], {
          kind: 'stand-in',
          name,
          provider: via,
          because: 'own dependency',
        });
        continue;
      }
      const fitting = this.#providing(owner, provider, name, range);
      this.#solver.add([...base, serves, { variable: provider, set: provider.all & ~fitting }], {
        ...fact,
        via,
      });
    }
  }

  /** The versions of a provider whose provided version is in the range. */
  #providing(owner: PluginVariable<C>, provider: PluginVariable<C>, name: string, range: string): ValueSet {
    return provider.providing(name, this.#isRelaxed(owner.name, name) ? undefined : range);
  }

  #isRelaxed(owner: string, name: string): boolean {
    return this.#relax !== relaxNothing && this.#relax({ kind: 'dependency', owner, name });
  }

  #option(owner: PluginVariable<C>, target: PluginVariable<C>, range: string): OptionVariable {
    const { name, slot } = target;
    const key = `${owner.name} ${name} ${range}`;
    const known = this.#options.get(key);
    if (known !== undefined) return known;
    const option = new OptionVariable(owner, name, range);
    this.#options.set(key, option);
    const set = owner.where((one) => ownValue(one.manifest.optionalDependencies, name) === range);
    const base: readonly Term[] = [
      { variable: owner, set },
      { variable: option, set: OptionVariable.taken },
    ];
    const fact = dependencyFact(owner.name, name, range, true);
    if (target === owner) this.#solver.add(base, { kind: 'cycle', path: [name, name] });
    else if (slot !== undefined) this.#tellSlot(owner, base, slot, range, fact);
    else {
      const allowed = this.#allowed(owner, target, range);
      this.#solver.add([...base, { variable: target, set: target.all ^ allowed }], fact);
    }
    return option;
  }
}

const NONE: readonly string[] = [];

/** The keys of a record in order. */
export function sortedKeys(record: Readonly<Record<string, string>>): readonly string[] {
  const keys = Object.keys(record);
  return keys.length === 0 ? NONE : keys.sort();
}

function dependencyFact(owner: string, name: string, range: string, optional: boolean): DependencyFact {
  return { kind: 'dependency', owner, name, ranges: [range], optional };
}
