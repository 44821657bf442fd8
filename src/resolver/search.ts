import { cordonError } from '../errors/cordon-error.js';
import { throwIfAborted } from '../integrity/abortable.js';
import { Breath } from '../integrity/breath.js';
import { activationOrder } from './activation-order.js';
import { Agenda } from './agenda.js';
import type { Candidate } from './candidate.js';
import type { OptionVariable, SlotVariable } from './choice-variables.js';
import { Conflicts } from './conflicts.js';
import { type Relax, relaxNothing } from './constraint.js';
import { findCycle } from './find-cycle.js';
import { cycleFact, type Link, linksOf } from './links.js';
import { PluginVariable } from './plugin-variable.js';
import { Preference } from './preference.js';
import type { ResolveRequest } from './request.js';
import { Requirements } from './requirements.js';
import type { Incompatibility } from './solver/incompatibility.js';
import { Solver } from './solver/solver.js';
import { only } from './solver/value-set.js';
import type { PluginSpec } from './spec.js';
import { Universe } from './universe.js';

/** Either everything is settled, or `failure` follows from the facts and says that nothing can be. */
export type Outcome<C extends Candidate> =
  | { readonly solved: Settled<C>; readonly failure?: undefined; readonly figures: Figures }
  | ({ readonly solved?: undefined; readonly figures: Figures } & Failed<C>);

/** Why there is no set: `failure` has no terms, and its causes are the reasons. */
export interface Failed<C extends Candidate> {
  readonly failure: Incompatibility;
  readonly universe: Universe<C>;
}

/** What was settled: every variable still has its final assignments. */
export interface Settled<C extends Candidate> extends Wiring<C> {
  /** The plugins of the set, in the order in which they were decided. */
  readonly plugins: readonly PluginVariable<C>[];
  readonly universe: Universe<C>;
  readonly requirements: Requirements<C>;
  readonly options: readonly OptionVariable[];
  readonly preference: Preference<C>;
}

/** How the plugins of a set hang together. */
interface Wiring<C extends Candidate> {
  /** How the dependencies of each were met. */
  readonly links: ReadonlyMap<PluginVariable<C>, readonly Link<C>[]>;
  /** The plugins in the order of activation. */
  readonly order: readonly PluginVariable<C>[];
}

/** How much work it was. */
export interface Figures {
  readonly decisions: number;
  readonly conflicts: number;
}

const MAX_CONFLICTS = 5_000;

/** One run of the solver over a request whose specs are parsed, one for each name, in the order of names. */
export class Search<C extends Candidate> {
  readonly #request: ResolveRequest<C>;
  readonly #specs: readonly PluginSpec[];
  readonly #relax: Relax;
  readonly #isPartial: boolean;
  readonly #agenda = new Agenda();
  readonly #solver = new Solver((level) => this.#backtrack(level));
  readonly #conflicts: Conflicts<C>;
  readonly #universe: Universe<C>;
  readonly #requirements: Requirements<C>;
  readonly #preference: Preference<C>;
  readonly #options = new Set<OptionVariable>();
  #decisions = 0;
  /** Of what is decided, where that was found to be without a circle. */
  #wiring: Wiring<C> | undefined;
  /** The plugin about which everything known has been considered since the last step back. */
  #considered: PluginVariable<C> | undefined;

  /**
   * `isThorough`: tells facts of all versions that they are true of, which makes the better explanation. `isPartial`: looks
   * at loaded plugins only where they are asked for or needed.
   */
  constructor(
    request: ResolveRequest<C>,
    specs: readonly PluginSpec[],
    relax: Relax = relaxNothing,
    { isThorough = false, isPartial = false }: { isThorough?: boolean; isPartial?: boolean } = {},
  ) {
    this.#request = request;
    this.#specs = specs;
    this.#relax = relax;
    this.#isPartial = isPartial;
    this.#conflicts = new Conflicts(this.#solver, relax);
    this.#preference = new Preference(request);
    this.#universe = new Universe(request, this.#solver, this.#preference, relax, isThorough, (plugin) =>
      this.#conflicts.meet(plugin),
    );
    this.#requirements = new Requirements(this.#universe, this.#solver, relax, isThorough);
  }

  /** @throws ERR_ABORTED, ERR_RESOLUTION (gave up), and what the source throws. */
  async run(): Promise<Outcome<C>> {
    const { signal, maxConflicts = MAX_CONFLICTS } = this.#request;
    const breath = new Breath('resolving plugins', signal);
    throwIfAborted(signal, 'resolving plugins');
    await this.#begin();
    for (;;) {
      const failure = this.#solver.propagate();
      if (failure !== undefined) {
        return { failure, universe: this.#universe, figures: this.#figures };
      }
      if (this.#solver.conflicts > maxConflicts) throw gaveUp(maxConflicts, this.#figures);
      if (breath.isDue) await breath.take();
      if (this.#solver.isMore) continue;
      const isMore = this.#step();
      if (isMore === true || (await isMore)) continue;
      return { solved: this.#settled(), figures: this.#figures };
    }
  }

  async #begin(): Promise<void> {
    const all = this.#isPartial ? [] : (this.#request.loaded ?? []);
    const loaded = all.map(({ candidate }) => candidate.manifest);
    const names = [...new Set([...this.#specs, ...loaded].map(({ name }) => name))].sort();
    await this.#universe.needPlugins(names);
    for (const { name, version } of loaded) {
      if (this.#relax({ kind: 'loaded', name })) continue;
      const plugin = this.#universe.plugin(name);
      this.#solver.add([{ variable: plugin, set: plugin.all & ~only(plugin.valueFor(version)!) }], {
        kind: 'loaded',
        name,
        version,
      });
    }
    for (const { name, range } of this.#specs) {
      const plugin = this.#universe.plugin(name);
      const allowed = this.#relax({ kind: 'spec', name }) ? plugin.present : plugin.matching(range);
      this.#solver.add([{ variable: plugin, set: plugin.all & ~allowed }], { kind: 'spec', name, range });
    }
    for (const name of names) {
      const isWanted =
        this.#specs.some((spec) => spec.name === name) || !this.#relax({ kind: 'loaded', name });
      if (isWanted) this.#agenda.needPlugin(this.#universe.plugin(name), 0);
    }
  }

  /** Settles one thing more, or finds out more about it; `false` where nothing is left to settle. */
  #step(): boolean | Promise<boolean> {
    const plugin = this.#agenda.nextPlugin() as PluginVariable<C> | undefined;
    if (plugin !== undefined) return this.#settlePlugin(plugin);
    if (this.#ruleOutCircle()) return true;
    const slot = this.#agenda.nextSlot();
    if (slot !== undefined) {
      this.#settleSlot(slot);
      return true;
    }
    const option = this.#agenda.nextOption();
    if (option !== undefined) {
      this.#decide(option, 1);
      this.#need(this.#universe.plugin(option.name));
      return true;
    }
    return false;
  }

  #settlePlugin(plugin: PluginVariable<C>): true | Promise<true> {
    const value = this.#preference.version(plugin);
    const known = this.#requirements.of(plugin, value);
    // What is known of it comes first: it may rule the version out without its having been decided.
    if (known === undefined) return this.#meet(plugin, value);
    if (this.#considered !== plugin) {
      this.#solver.revisit(plugin);
      this.#considered = plugin;
      return true;
    }
    this.#decide(plugin, value);
    for (const { plugin: target, option } of known) {
      if (option === undefined) this.#need(target);
      else {
        this.#options.add(option);
        this.#agenda.offerOption(option, this.#level);
      }
    }
    return true;
  }

  /** Finds out all about a version that comes into question for the first time. */
  #meet(plugin: PluginVariable<C>, value: number): true | Promise<true> {
    const isAdmitted = this.#universe.admits(plugin, value);
    if (isAdmitted !== true) return this.#meetLater(plugin, value, isAdmitted);
    const learning = this.#requirements.learn(plugin, value);
    if (learning !== undefined) return learning.then(() => this.#consider(plugin, value));
    return this.#consider(plugin, value);
  }

  async #meetLater(
    plugin: PluginVariable<C>,
    value: number,
    isAdmitted: boolean | Promise<boolean>,
  ): Promise<true> {
    if (await isAdmitted) {
      await this.#requirements.learn(plugin, value);
      return this.#consider(plugin, value);
    }
    this.#solver.revisit(plugin);
    return true;
  }

  #consider(plugin: PluginVariable<C>, value: number): true {
    this.#conflicts.learn(plugin, value);
    this.#considered = plugin;
    // As long as no way back was taken, nothing was forgotten.
    if (this.#solver.conflicts > 0) this.#solver.revisit(plugin);
    return true;
  }

  #settleSlot(slot: SlotVariable): void {
    const value = this.#preference.server(slot);
    this.#decide(slot, value);
    this.#agenda.needPlugin(slot.plugin(value)!, this.#level);
  }

  #need(plugin: PluginVariable): void {
    if (plugin.slot === undefined) this.#agenda.needPlugin(plugin, this.#level);
    else this.#agenda.needSlot(plugin.slot, this.#level);
  }

  #decide(variable: PluginVariable | SlotVariable | OptionVariable, value: number): void {
    this.#decisions++;
    this.#wiring = undefined;
    this.#solver.decide(variable, value);
  }

  /** Circles are looked for when everything needed is decided: before, most of their plugins are not. */
  #ruleOutCircle(): boolean {
    if (this.#wiring !== undefined) return false;
    const links = this.#links();
    const order = activationOrder(
      Array.from(links, ([plugin, its]) => ({
        name: plugin.name,
        priority: plugin.candidate(plugin.decided!).manifest.priority,
        after: its.map(({ to }) => to.name),
        plugin,
      })),
    ).map(({ plugin }) => plugin);
    // Who waits for itself comes in no order.
    if (order.length === links.size || this.#relax({ kind: 'cycle' })) {
      this.#wiring = { links, order };
      return false;
    }
    const circle = findCycle<PluginVariable<C>, Link<C>>(links.keys(), (plugin) => links.get(plugin)!);
    const { terms, fact } = cycleFact(circle!);
    this.#solver.add(terms, fact);
    return true;
  }

  /** The plugins that are decided, in the order in which they were, with how their dependencies were met. */
  #links(): ReadonlyMap<PluginVariable<C>, readonly Link<C>[]> {
    const links = new Map<PluginVariable<C>, readonly Link<C>[]>();
    for (const variable of this.#solver.solution.decisions) {
      if (!(variable instanceof PluginVariable)) continue;
      const plugin = variable as PluginVariable<C>;
      links.set(plugin, linksOf(plugin, this.#requirements));
    }
    return links;
  }

  #backtrack(level: number): void {
    this.#agenda.backtrack(level);
    this.#considered = undefined;
  }

  #settled(): Settled<C> {
    const { links, order } = this.#wiring!;
    return {
      plugins: [...links.keys()],
      links,
      order,
      universe: this.#universe,
      requirements: this.#requirements,
      options: [...this.#options],
      preference: this.#preference,
    };
  }

  get #level(): number {
    return this.#solver.solution.decisions.length;
  }

  get #figures(): Figures {
    return { decisions: this.#decisions, conflicts: this.#solver.conflicts };
  }
}

function gaveUp(limit: number, figures: Figures): Error {
  return cordonError(
    'ERR_RESOLUTION',
    `Resolution gave up after ${limit} wrong turns. Ask for narrower ranges, or raise "maxConflicts".`,
    { details: { limit, ...figures } },
  );
}
