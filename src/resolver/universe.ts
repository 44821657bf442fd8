import { throwIfAborted } from '../integrity/abortable.js';
import type { Candidate } from './candidate.js';
import { SlotVariable } from './choice-variables.js';
import type { Relax } from './constraint.js';
import { type Exclusion, Exclusions } from './exclusions.js';
import { PluginVariable } from './plugin-variable.js';
import type { Preference } from './preference.js';
import type { ResolveRequest } from './request.js';
import type { Solver } from './solver/solver.js';
import { only } from './solver/value-set.js';

/**
 * What is known of the plugins so far. A name is asked for when it is needed first, and never again; what is known of
 * its versions alone (engines, refusals) goes to the solver at once.
 */
export class Universe<C extends Candidate> {
  readonly #request: ResolveRequest<C>;
  readonly #solver: Solver;
  readonly #preference: Preference<C>;
  readonly #relax: Relax;
  readonly #loaded: ReadonlyMap<string, C>;
  readonly #links: ReadonlyMap<string, string>;
  readonly #exclusions: Exclusions<C>;
  /** Whose exclusions the solver knows. */
  readonly #judged = new Set<PluginVariable<C>>();
  readonly #isThorough: boolean;
  readonly #plugins = new Map<string, PluginVariable<C>>();
  /** Those that are depended on, with who may serve them. */
  readonly #needed = new Map<string, PluginVariable<C>>();
  readonly #onPlugin: (plugin: PluginVariable<C>) => void;

  /**
   * `onPlugin` is told of every plugin once its versions are known. `isThorough`: what is known of single versions goes to
   * the solver before anybody needs it, which makes the better explanation.
   */
  constructor(
    request: ResolveRequest<C>,
    solver: Solver,
    preference: Preference<C>,
    relax: Relax,
    isThorough: boolean,
    onPlugin: (plugin: PluginVariable<C>) => void,
  ) {
    this.#request = request;
    this.#solver = solver;
    this.#preference = preference;
    this.#relax = relax;
    this.#onPlugin = onPlugin;
    this.#exclusions = new Exclusions(request, relax);
    this.#isThorough = isThorough;
    const loaded = request.loaded ?? [];
    this.#loaded = new Map(loaded.map(({ candidate }) => [candidate.manifest.name, candidate]));
    this.#links = new Map(loaded.flatMap(({ links }) => Object.entries(links ?? {})));
  }

  /** A plugin that {@link needPlugins} or {@link needNames} was told of. */
  plugin(name: string): PluginVariable<C> {
    return this.#plugins.get(name)!;
  }

  /** A plugin, if its name has been asked for. */
  known(name: string): PluginVariable<C> | undefined {
    return this.#plugins.get(name);
  }

  /** The plugin of a name that is depended on, once it is known who may serve it. */
  needed(name: string): PluginVariable<C> | undefined {
    return this.#needed.get(name);
  }

  /** How many versions the plugin has that has most, of those that were asked for; at least 1. */
  get mostVersions(): number {
    let most = 1;
    for (const { candidates } of this.#plugins.values()) most = Math.max(most, candidates.length);
    return most;
  }

  /** Is a loaded plugin among those that may serve a name which has several to choose from? */
  get hasLoadedServers(): boolean {
    for (const { slot } of this.#needed.values()) {
      if (slot && [slot.own, ...slot.providers].some(({ name }) => this.isLoaded(name))) return true;
    }
    return false;
  }

  isLoaded(name: string): boolean {
    return this.#loaded.has(name);
  }

  /** Makes names known that are depended on and are not yet: the plugins themselves and those that provide them. */
  async needNames(names: readonly string[]): Promise<void> {
    const query = this.#query();
    const [providers] = await Promise.all([
      Promise.all(names.map((name) => this.#request.source.providers(name, query))),
      this.needPlugins(names),
    ]);
    if (providers.some((some) => some.length > 0)) await this.needPlugins([...new Set(providers.flat())]);
    // In the order of names, so that the order in which answers came in does not matter.
    names.forEach((name, i) => {
      const plugin = this.plugin(name);
      if (providers[i]!.length > 0) plugin.slot = this.#makeSlot(plugin, providers[i]!);
      this.#needed.set(name, plugin);
    });
  }

  /** Makes plugins known by their names. */
  async needPlugins(names: readonly string[]): Promise<void> {
    const unknown = names.filter((name) => !this.#plugins.has(name));
    if (unknown.length === 0) return;
    const found = await Promise.all(unknown.map((name) => this.#offered(name)));
    throwIfAborted(this.#request.signal, 'resolving plugins');
    const plugins = unknown.map((name, i) => new PluginVariable<C>(name, found[i]!, this.#stays(name)));
    const known = this.#isThorough ? await Promise.all(plugins.map((plugin) => this.#outOf(plugin))) : [];
    plugins.forEach((plugin, i) => {
      this.#plugins.set(plugin.name, plugin);
      if (this.#isThorough) this.#judged.add(plugin);
      for (const { set, fact } of known[i] ?? []) this.#solver.exclude({ variable: plugin, set }, fact);
      this.#onPlugin(plugin);
    });
  }

  /**
   * Whether a version may be used as far as can be told from it alone. Where it may not, the solver is told about all
   * versions of the plugin. Most plugins are never asked about more than their newest.
   */
  admits(plugin: PluginVariable<C>, value: number): boolean | Promise<boolean> {
    if (this.#judged.has(plugin) || this.isLoaded(plugin.name)) return true;
    const locked = this.#preference.lockedVersion(plugin.name);
    const answer = this.#exclusions.admits(plugin.candidate(value), locked);
    return answer === true || this.#judge(plugin, answer);
  }

  async #judge(plugin: PluginVariable<C>, answer: boolean | Promise<boolean>): Promise<boolean> {
    if (await answer) return true;
    this.#judged.add(plugin);
    for (const { set, fact } of await this.#outOf(plugin))
      this.#solver.add([{ variable: plugin, set }], fact);
    return false;
  }

  #outOf(plugin: PluginVariable<C>): Promise<Exclusion[]> | readonly Exclusion[] {
    if (this.isLoaded(plugin.name)) return [];
    return this.#exclusions.of(plugin, this.#preference.lockedVersion(plugin.name));
  }

  #query(): { signal?: AbortSignal | undefined } {
    return { signal: this.#request.signal };
  }

  #stays(name: string): boolean {
    return this.#loaded.has(name) && !this.#relax({ kind: 'loaded', name });
  }

  /** A loaded plugin is its only candidate: whatever else the catalog has is out of the question. */
  #offered(name: string): readonly C[] | Promise<readonly C[]> {
    const loaded = this.#loaded.get(name);
    if (loaded === undefined) return this.#request.source.candidates(name, this.#query());
    if (this.#stays(name)) return [loaded];
    return this.#offeredBeside(loaded);
  }

  async #offeredBeside(loaded: C): Promise<readonly C[]> {
    const { name, version } = loaded.manifest;
    const offered = await this.#request.source.candidates(name, this.#query());
    return [...offered.filter((one) => one.manifest.version !== version), loaded];
  }

  #makeSlot(own: PluginVariable<C>, names: readonly string[]): SlotVariable | undefined {
    const { name } = own;
    const providers = [...new Set(names)]
      .filter((provider) => provider !== name)
      .sort()
      .map((provider) => this.plugin(provider))
      // A loaded one stays among them also where its version does not provide the name: others of it may.
      .filter((provider) => provider.isLoaded || provider.providing(name, undefined) !== 0n);
    if (providers.length === 0) return undefined;
    const slot = new SlotVariable(own, providers);
    for (const provider of providers) {
      this.#solver.add(
        [
          { variable: slot, set: only(slot.valueFor(provider)) },
          { variable: own, set: own.present },
        ],
        { kind: 'stand-in', name, provider: provider.name, because: 'name is taken' },
      );
    }
    const linked = this.#links.get(name);
    const link = providers.find((provider) => provider.name === linked);
    if (link !== undefined && !this.#relax({ kind: 'loaded', name: link.name })) {
      const others = slot.all & ~only(slot.valueFor(link)) & ~SlotVariable.nobody;
      this.#solver.add([{ variable: slot, set: others }], { kind: 'link', name, provider: link.name });
    }
    return slot;
  }
}
