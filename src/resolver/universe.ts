import { throwIfAborted } from '../integrity/abortable.js';
import type { Candidate } from './candidate.js';
import { SlotVariable } from './choice-variables.js';
import type { Relax } from './constraint.js';
import { Engines, excludeRefused, excludeUnfit } from './exclusions.js';
import { PluginVariable } from './plugin-variable.js';
import type { Preference } from './preference.js';
import type { ResolveRequest } from './request.js';
import type { Solver } from './solver/solver.js';
import { only } from './solver/value-set.js';
import { type VersionRule, yankedRule } from './version-rule.js';

/**
 * What is known of the plugins so far. A name is asked for when it is needed first, and never again; what is known of
 * its versions alone (engines, refusals) goes to the solver at once.
 */
export class Universe<C extends Candidate> {
  readonly #request: ResolveRequest<C>;
  readonly #solver: Solver;
  readonly #preference: Preference<C>;
  readonly #rules: readonly VersionRule<C>[];
  readonly #relax: Relax;
  readonly #loaded: ReadonlyMap<string, C>;
  readonly #links: ReadonlyMap<string, string>;
  readonly #engines: Engines;
  readonly #plugins = new Map<string, PluginVariable<C>>();
  readonly #slots = new Map<string, SlotVariable | undefined>();
  readonly #onPlugin: (plugin: PluginVariable<C>) => void;

  /** `onPlugin` is told of every plugin once its versions are known. */
  constructor(
    request: ResolveRequest<C>,
    solver: Solver,
    preference: Preference<C>,
    relax: Relax,
    onPlugin: (plugin: PluginVariable<C>) => void,
  ) {
    this.#request = request;
    this.#solver = solver;
    this.#preference = preference;
    this.#rules = [yankedRule, ...(request.rules ?? [])];
    this.#relax = relax;
    this.#onPlugin = onPlugin;
    this.#engines = new Engines(request.engines ?? {});
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

  /** Who may serve a name that is depended on; `undefined` where only the plugin of that name can. */
  slot(name: string): SlotVariable | undefined {
    return this.#slots.get(name);
  }

  isLoaded(name: string): boolean {
    return this.#loaded.has(name);
  }

  /** Makes names known that are depended on: the plugins themselves and those that provide them. */
  async needNames(names: readonly string[]): Promise<void> {
    const unknown = names.filter((name) => !this.#slots.has(name));
    if (unknown.length === 0) return;
    const query = this.#query();
    const [providers] = await Promise.all([
      Promise.all(unknown.map((name) => this.#request.source.providers(name, query))),
      this.needPlugins(unknown),
    ]);
    await this.needPlugins([...new Set(providers.flat())]);
    // In the order of names, so that the order in which answers came in does not matter.
    unknown.forEach((name, i) => {
      this.#slots.set(name, this.#makeSlot(name, providers[i]!));
    });
  }

  /** Makes plugins known by their names. */
  async needPlugins(names: readonly string[]): Promise<void> {
    const unknown = names.filter((name) => !this.#plugins.has(name));
    if (unknown.length === 0) return;
    const found = await Promise.all(
      unknown.map(async (name) => {
        const plugin = new PluginVariable<C>(name, await this.#offered(name), this.#stays(name));
        const locked = this.#preference.lockedVersion(name);
        const refusals = this.isLoaded(name)
          ? []
          : await excludeRefused(plugin, this.#rules, locked, this.#relax);
        return { plugin, refusals };
      }),
    );
    throwIfAborted(this.#request.signal, 'resolving plugins');
    for (const { plugin, refusals } of found) {
      this.#plugins.set(plugin.name, plugin);
      for (const { set, fact } of refusals) this.#solver.exclude({ variable: plugin, set }, fact);
      if (!this.isLoaded(plugin.name)) {
        for (const { set, fact } of excludeUnfit(plugin, this.#engines, this.#relax)) {
          this.#solver.exclude({ variable: plugin, set }, fact);
        }
      }
      this.#onPlugin(plugin);
    }
  }

  #query(): { signal?: AbortSignal | undefined } {
    return { signal: this.#request.signal };
  }

  #stays(name: string): boolean {
    return this.#loaded.has(name) && !this.#relax({ kind: 'loaded', name });
  }

  /** A loaded plugin is its only candidate: whatever else the catalog has is out of the question. */
  async #offered(name: string): Promise<readonly C[]> {
    const loaded = this.#loaded.get(name);
    if (loaded !== undefined && this.#stays(name)) return [loaded];
    const offered = await this.#request.source.candidates(name, this.#query());
    if (loaded === undefined) return offered;
    return [...offered.filter((one) => one.manifest.version !== loaded.manifest.version), loaded];
  }

  #makeSlot(name: string, names: readonly string[]): SlotVariable | undefined {
    const own = this.plugin(name);
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
