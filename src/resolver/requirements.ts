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
  /** Absent where the dependency is not optional. */
  readonly option?: OptionVariable;
}

/** Turns what manifests say they need into facts, one version at a time, when it is about to be decided. */
export class Requirements<C extends Candidate> {
  readonly #universe: Universe<C>;
  readonly #solver: Solver;
  readonly #relax: Relax;
  readonly #known = new Map<PluginVariable<C>, Map<number, readonly Requirement[]>>();
  /** By owner and name: the versions whose dependency on the name has been told. */
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

  /** What a version needs; `undefined` until {@link learn} was told of it. */
  of(plugin: PluginVariable<C>, value: number): readonly Requirement[] | undefined {
    return this.#known.get(plugin)?.get(value);
  }

  /** Asks for the names that a version depends on, and adds what follows. */
  async learn(plugin: PluginVariable<C>, value: number): Promise<void> {
    const { dependencies, optionalDependencies } = plugin.candidate(value).manifest;
    const hard = sortedEntries(dependencies);
    const isLoaded = this.#universe.isLoaded(plugin.name);
    // A loaded plugin was wired when it was loaded; what it did without then, it does without now.
    const optional = isLoaded
      ? []
      : sortedEntries(optionalDependencies).filter(([name]) => !Object.hasOwn(dependencies, name));
    await this.#universe.needNames([...hard, ...optional].map(([name]) => name));

    const requirements: Requirement[] = [];
    for (const [name, range] of hard) {
      if (this.#isRelaxedAway(name)) continue;
      requirements.push({ name, range });
      this.#tellOnce(plugin, value, name, range);
    }
    for (const [name, range] of optional) {
      requirements.push({ name, range, option: this.#option(plugin, name, range) });
    }
    const versions = this.#known.get(plugin) ?? new Map<number, readonly Requirement[]>();
    this.#known.set(plugin, versions.set(value, requirements));
  }

  #isRelaxedAway(name: string): boolean {
    return (
      this.#universe.plugin(name).present === 0n &&
      this.#universe.slot(name) === undefined &&
      this.#relax({ kind: 'missing', name })
    );
  }

  #tellOnce(owner: PluginVariable<C>, value: number, name: string, range: string): void {
    const told = this.#told.get(owner) ?? new Map<string, ValueSet>();
    this.#told.set(owner, told);
    const before = told.get(name) ?? 0n;
    if (has(before, value)) return;
    const slot = this.#universe.slot(name);
    const swept = slot === undefined && name !== owner.name ? this.#sweep(owner, name, range) : 0n;
    const needing = swept || this.#needing(owner, value, name, range);
    told.set(name, before | needing);
    if (swept !== 0n) return;
    const base = [{ variable: owner, set: needing }];
    const fact: DependencyFact = {
      kind: 'dependency',
      owner: owner.name,
      name,
      ranges: [range],
      optional: false,
    };
    if (name === owner.name) {
      if (!this.#relax({ kind: 'cycle' })) this.#solver.add(base, { kind: 'cycle', path: [name, name] });
    } else if (slot !== undefined) this.#tellSlot(owner, base, slot, range, fact);
    else this.#tell(owner, base, range, fact);
  }

  /**
   * The versions that a fact about one of them is told of. As long as nothing went wrong, its neighbours that say the same
   * are enough, and most others will never matter; after that, and for explanations, all versions that say the same.
   */
  #needing(owner: PluginVariable<C>, value: number, name: string, range: string): ValueSet {
    const says = ({ manifest }: C): boolean => ownRange(manifest.dependencies, name) === range;
    return this.#isThorough || this.#solver.conflicts > 0 ? owner.where(says) : owner.around(value, says);
  }

  /** "These versions of the owner need one of those of the other." */
  #tell(owner: PluginVariable<C>, base: readonly Term[], range: string, fact: DependencyFact): void {
    const target = this.#universe.plugin(fact.name);
    const allowed = this.#allowed(owner, target, range);
    this.#solver.add([...base, { variable: target, set: target.all ^ allowed }], fact);
  }

  #allowed(owner: PluginVariable<C>, target: PluginVariable<C>, range: string): ValueSet {
    return this.#isRelaxed(owner.name, target.name) ? target.present : target.matching(range);
  }

  /**
   * Where a version cannot have what it needs as things are, most of its neighbours cannot either, each with a range of
   * its own. One fact for all of them saves that many wrong turns, and that many lines of an explanation. Answers with
   * these versions where they all have the same range: then there is nothing more to tell.
   */
  #sweep(owner: PluginVariable<C>, name: string, range: string): ValueSet {
    const target = this.#universe.plugin(name);
    const possible = target.current;
    if ((target.matching(range) & possible) !== 0n || this.#isRelaxed(owner.name, name)) return 0n;
    const ranges = new Map<string, boolean>();
    let allowed = 0n;
    const swept = owner.where(({ manifest }) => {
      const other = ownRange(manifest.dependencies, name);
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
    const allowed = this.#allowed(owner, this.#universe.plugin(name), range);
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

  #option(owner: PluginVariable<C>, name: string, range: string): OptionVariable {
    const key = `${owner.name} ${name} ${range}`;
    const known = this.#options.get(key);
    if (known !== undefined) return known;
    const option = new OptionVariable(owner, name, range);
    this.#options.set(key, option);
    const base = [
      {
        variable: owner,
        set: owner.where((one) => ownRange(one.manifest.optionalDependencies, name) === range),
      },
      { variable: option, set: OptionVariable.taken },
    ];
    const fact: DependencyFact = {
      kind: 'dependency',
      owner: owner.name,
      name,
      ranges: [range],
      optional: true,
    };
    const slot = this.#universe.slot(name);
    if (name === owner.name) this.#solver.add(base, { kind: 'cycle', path: [name, name] });
    else if (slot !== undefined) this.#tellSlot(owner, base, slot, range, fact);
    else this.#tell(owner, base, range, fact);
    return option;
  }
}

/** The entries of a record in the order of their keys. */
export function sortedEntries(record: Readonly<Record<string, string>>): [string, string][] {
  const keys = Object.keys(record);
  return keys.length === 0 ? [] : keys.sort().map((key) => [key, record[key]!]);
}

function ownRange(record: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}
