import { performance } from 'node:perf_hooks';
import { DiskCache } from '../src/cache/disk-cache.js';
import type { Catalog } from '../src/catalog/catalog.js';
import { type CordonError, cordonError } from '../src/errors/cordon-error.js';
import { nearestName } from '../src/errors/nearest-name.js';
import { SafeEmitter } from '../src/events/safe-emitter.js';
import { underEither } from '../src/integrity/under-either.js';
import { redactingLogger } from '../src/log/redacting-logger.js';
import { exposition } from '../src/metrics/exposition.js';
import type { Health } from '../src/metrics/health.js';
import type { AuditedPermissions } from '../src/policy/audit-trail.js';
import { auditOf } from '../src/runtime/audit.js';
import { asBytes, callPluginAs, type OutputMaker } from '../src/runtime/call-plugin.js';
import { closeHost } from '../src/runtime/close-host.js';
import { endCallsAfter } from '../src/runtime/end-calls.js';
import type { FormerUnit } from '../src/runtime/former-unit.js';
import { HostRuntime } from '../src/runtime/host-runtime.js';
import { loadSet, resolveSet } from '../src/runtime/load-set.js';
import { targetName } from '../src/runtime/load-target.js';
import { openLock } from '../src/runtime/lock.js';
import type { PluginUnit } from '../src/runtime/plugin-unit.js';
import { quarantinePlugin, releasePlugin } from '../src/runtime/quarantine-plugin.js';
import { redactionOf } from '../src/runtime/redaction-of.js';
import { reloadPlugin } from '../src/runtime/reload-plugin.js';
import type { RuntimeOptions } from '../src/runtime/runtime-options.js';
import type { TestDoubles } from '../src/runtime/test-doubles.js';
import { unloadPlugin } from '../src/runtime/unload-plugin.js';
import { VERSION } from '../src/runtime/version.js';
import { WatchPlugins } from '../src/runtime/watch-plugins.js';
import { prepareStateDirectory } from '../src/violations/quarantine-store.js';
import {
  type CallOptions,
  type CloseOptions,
  checkFunctionName,
  type LoadOptions,
  parseCallOptions,
  parseCloseOptions,
  parseLoadOptions,
  parseReloadOptions,
  parseUnloadOptions,
  type ReloadOptions,
  type ResolvedLoadOptions,
  type UnloadOptions,
} from './call-options.js';
import { checkImports } from './check-imports.js';
import { CloseWork, notAFunction } from './close-work.js';
import type { HostEvents } from './events.js';
import type { ExtensionContract } from './extensions/contract.js';
import type { ExtensionHost } from './extensions/extension-host.js';
import type { ExtensionPoint } from './extensions/extension-point.js';
import { ExtensionPoints } from './extensions/extension-points.js';
import { extensionHost } from './extensions/runtime-host.js';
import { healthOf, healthOfPlugin, snapshotOf } from './figures.js';
import type { HostControl } from './host-control.js';
import type { KnownArguments, KnownExport, KnownResult, PluginOf, PluginsOf } from './known-plugins.js';
import { LastUnits } from './last-units.js';
import { type ListFilter, listed } from './list-filter.js';
import { openCatalog } from './open-catalog.js';
import type { ResolvedHostOptions } from './options.js';
import { toOutput } from './output.js';
import { Plugin, TypedPlugin } from './plugin.js';
import type { ExportContract, PluginDefinition } from './plugin-definition.js';
import { isDefinition, type PluginSpec, targetsOf } from './plugin-spec.js';
import {
  type BrokenPlugin,
  type HostReport,
  type PluginInfo,
  pluginInfo,
  type ResolutionReport,
  resolutionReport,
} from './reports.js';

type Contracts = Readonly<Record<string, ExportContract>>;

/** Runs plugins. Made by `createHost`; emits what happens to them. */
export class Host extends SafeEmitter<HostEvents> implements AsyncDisposable {
  readonly #runtime: HostRuntime;
  readonly #control: HostControl;
  readonly #last = new LastUnits();
  /** Lets go whoever waits for a catalog or a start, when the host closes. */
  readonly #loads = new AbortController();
  readonly #watch: WatchPlugins | undefined;
  readonly #points: ExtensionPoints;
  readonly #closeWork = new CloseWork();
  #queue: Promise<unknown> = Promise.resolve();
  #closing: Promise<void> | undefined;

  private constructor(
    options: RuntimeOptions & ResolvedHostOptions,
    catalog: Catalog,
    disk: DiskCache | undefined,
  ) {
    const redaction = redactionOf(options);
    const logger = redactingLogger(options.logger, redaction);
    super(
      (error, event) => {
        logger.error({ err: error, event: String(event) }, `A listener of "${String(event)}" failed.`);
      },
      redaction.active ? (payload) => redaction.value(payload) : undefined,
    );
    this.#runtime = new HostRuntime(options, catalog, this, disk);
    if (options.watch) {
      this.#watch = new WatchPlugins(this.#runtime, options.watch, {
        range: (name) => this.#last.range(name),
        reload: (name, to) => this.reload(name, { to }),
      });
    }
    const call: ExtensionHost['call'] = (...args) => this.#call(...args, asBytes);
    this.#points = new ExtensionPoints(extensionHost(this.#runtime, () => this.#assertOpen(), { call }));
    this.#control = {
      unit: (name) => this.#unitFor(name),
      state: (name) => (this.#runtime.skipped.has(name) ? 'failed' : this.#unitFor(name).lifecycle.state),
      call: (name, fn, input, callOptions, output) => this.#call(name, fn, input, callOptions, output),
      unload: (name, unloadOptions) => this.unload(name, unloadOptions),
      reload: (name, reloadOptions) => this.reload(name, reloadOptions),
    };
  }

  /** @internal Use `createHost`. */
  static async create(options: ResolvedHostOptions, doubles?: TestDoubles): Promise<Host> {
    const catalog = await openCatalog(options);
    if (options.stateDirectory !== undefined) await prepareStateDirectory(options.stateDirectory);
    const { directory, maxDirectoryBytes: maxBytes } = options.cache;
    const disk = directory === undefined ? undefined : await DiskCache.open({ directory, maxBytes });
    return new Host({ ...options, doubles }, catalog, disk);
  }

  /**
   * Loads plugins with all that they depend on. One resolution for the whole set; all or nothing.
   * @param spec `name`, `name@range`, the path of a `plugin.json` or of a bare `.wasm`, `{ manifest, wasm }`, a
   * definition made by `definePlugin`, or a list of these
   * @throws ERR_OPTIONS, ERR_NOT_FOUND, ERR_RESOLUTION, ERR_CYCLE, ERR_ENGINE, ERR_MANIFEST, ERR_INTEGRITY,
   * ERR_BYTECODE, ERR_FEATURE, ERR_MODULE_TOO_LARGE, ERR_IMPORT, ERR_PERMISSION, ERR_MEMORY, ERR_TIMEOUT, ERR_TRAP, ERR_GUEST,
   * ERR_ABORTED, ERR_CLOSED
   */
  load<E extends Contracts>(definition: PluginDefinition<E>, options?: LoadOptions): Promise<TypedPlugin<E>>;
  load<const S extends PluginSpec>(spec: S, options?: LoadOptions): Promise<PluginOf<S>>;
  load<const S extends readonly PluginSpec[]>(specs: S, options?: LoadOptions): Promise<PluginsOf<S>>;
  async load(
    what: PluginSpec | readonly PluginSpec[] | PluginDefinition,
    options?: LoadOptions,
  ): Promise<Plugin | Plugin[] | TypedPlugin<Contracts>> {
    const loadOptions = parseLoadOptions(options);
    const definition = isDefinition(what) ? what : undefined;
    if (definition) checkImports(definition, this.#runtime.options.hostFunctions);
    const given = definition
      ? [`${definition.name}@${definition.version}`]
      : ((Array.isArray(what) ? what : [what]) as readonly PluginSpec[]);
    const names = await this.#inTurn(() => this.#load(given, loadOptions));
    if (definition) return new TypedPlugin(this.#control, definition);
    const handles = names.map((name) => new Plugin(this.#control, name));
    return Array.isArray(what) ? handles : handles[0]!;
  }

  /**
   * Takes a plugin down: no new calls, running ones finish within `drainMs`, then everything of it is disposed of.
   * @throws ERR_PLUGIN_IN_USE while a loaded plugin depends on it, unless `cascade`; ERR_NOT_FOUND
   */
  async unload(name: string, options?: UnloadOptions): Promise<void> {
    const { drainMs, cascade } = parseUnloadOptions(options);
    await this.#inTurn(() => unloadPlugin(this.#runtime, this.#loaded(name), { drainMs, cascade }));
    this.#last.settle(this.#runtime.units);
  }

  /**
   * Starts another version, or the same from its files as they are now, beside the one that serves, moves calls over
   * and drains the old one. On any failure the old one stays and keeps serving.
   */
  async reload<const N extends string>(name: N, options?: ReloadOptions): Promise<PluginOf<N>> {
    const { to, drainMs, signal } = parseReloadOptions(options);
    await this.#inTurn(async () => {
      const old = this.#loaded(name);
      const range = to ?? this.#last.range(name);
      const unit = await underEither(signal, this.#loads.signal, (all) =>
        reloadPlugin(this.#runtime, old, { to: range, drainMs, signal: all }),
      );
      this.#last.set(name, unit);
      this.#points.check([unit]);
    });
    return new Plugin(this.#control, name) as PluginOf<N>;
  }

  /** The same as `plugin(name).call(fn, input, options)`. */
  async call<const N extends string, const F extends KnownExport<N>>(
    name: N,
    fn: F,
    ...[input, options]: KnownArguments<N, F>
  ): Promise<KnownResult<N, F>> {
    this.#loaded(name);
    // Not one promise more than needed on the way of a call: each costs as much as a short guest.
    return this.#call(name, fn, input, options, toOutput) as Promise<KnownResult<N, F>>;
  }

  /** The handle of a loaded plugin. @throws ERR_NOT_FOUND */
  plugin<const N extends string>(name: N): PluginOf<N> {
    return new Plugin(this.#control, this.#loaded(name).name) as PluginOf<N>;
  }

  /** Loaded plugins in the order of their activation. @throws ERR_OPTIONS */
  list(filter?: ListFilter): Plugin[] {
    return listed(this.#runtime.units.values(), filter).map(({ name }) => new Plugin(this.#control, name));
  }

  /** All that is known of a loaded plugin, as plain data. @throws ERR_NOT_FOUND */
  info(name: string): PluginInfo {
    return this.#runtime.redaction.value(pluginInfo(this.#loaded(name), this.#runtime));
  }

  /** The resolution of these specs together with what is loaded, without loading anything. */
  async resolve(specs: PluginSpec | readonly PluginSpec[], options?: LoadOptions): Promise<ResolutionReport> {
    const { signal, upgrade } = parseLoadOptions(options, 'resolve');
    this.#assertOpen();
    const given = (Array.isArray(specs) ? specs : [specs]) as readonly PluginSpec[];
    const targets = await targetsOf(given, this.#runtime.options.validation);
    return underEither(signal, this.#loads.signal, async (all) => {
      const lock = await openLock(this.#runtime.options, all);
      return resolutionReport(await resolveSet(this.#runtime, targets, { lock, signal: all, upgrade }));
    });
  }

  /** What is broken in the catalog: found, but not usable. */
  async broken(): Promise<readonly BrokenPlugin[]> {
    this.#assertOpen();
    return this.#runtime.catalog.broken(undefined, { signal: this.#loads.signal });
  }

  /**
   * The least `permissions` that would have been enough for what a plugin did so far in this host, in the shape of a
   * manifest's: JSON, in order, frozen. In audit mode only; reloads and unloads keep it.
   * @throws ERR_STATE in another mode, ERR_NOT_FOUND
   */
  audit(name: string): AuditedPermissions {
    return auditOf(this.#runtime, name, () => this.#loaded(name));
  }

  /**
   * Defines a place that plugins add to by `contributes`. Define it before plugins are loaded: what contributes to a point
   * that is not there is told by a `warning`.
   * @throws ERR_OPTIONS, also where the name is taken; ERR_CLOSED
   */
  extensionPoint<const C extends ExtensionContract = ExtensionContract>(
    name: string,
    contract?: C,
  ): ExtensionPoint<C> {
    return this.#points.define(name, contract);
  }

  /** Refuses all further calls of a plugin, and of those that depend on it, until it is released. @throws ERR_OPTIONS, ERR_NOT_FOUND */
  quarantine(name: string, reason: string): void {
    quarantinePlugin(this.#runtime, this.#loaded(name), 'manual', reason);
  }

  /** Ends a quarantine and begins the window of violations anew. */
  release(name: string): void {
    releasePlugin(this.#runtime, this.#loaded(name).name);
  }

  /** Totals since the host was created, plugins that are gone included. */
  stats(): HostReport {
    const runtime = this.#runtime;
    const { hits, misses, entries, bytes } = runtime.cache.stats;
    return Object.freeze({
      ...snapshotOf(this.#runtime),
      cache: Object.freeze({ hits, misses, entries, bytes }),
    });
  }

  /** How the host is, or one plugin. @throws ERR_NOT_FOUND */
  health(name?: string): Health {
    return name === undefined ? healthOf(this.#runtime) : healthOfPlugin(this.#runtime, this.#loaded(name));
  }

  /** All figures as Prometheus text exposition. */
  metrics(): string {
    return exposition({
      version: VERSION,
      host: snapshotOf(this.#runtime),
      plugins: [...this.#runtime.units.values()].map(({ lifecycle, stats }) => ({
        state: lifecycle.state,
        stats: stats.snapshot(),
      })),
    });
  }

  /**
   * Drains and disposes of everything; leaves no thread, timer, socket or file handle behind. Further closes wait for the
   * first; one with a shorter `drainMs` makes it end running calls sooner.
   */
  async close(options?: CloseOptions): Promise<void> {
    const { drainMs } = parseCloseOptions(options);
    const again = this.#closing !== undefined;
    this.#closing ??= this.#close(drainMs);
    const callOff = again && this.#runtime.state === 'closing' && endCallsAfter(this.#runtime, drainMs);
    try {
      await this.#closing;
    } finally {
      if (callOff) callOff();
    }
  }

  /**
   * Has work done at the end of `close`, which waits for it: what was added last comes first. An error in it is logged.
   * @returns what takes it back
   * @throws ERR_CLOSED
   */
  onClose(work: () => unknown): () => void {
    this.#assertOpen();
    if (typeof work !== 'function') throw notAFunction(work);
    return this.#closeWork.add(work);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(drainMs: number): Promise<void> {
    this.#runtime.state = 'closing';
    this.#loads.abort(this.#closedError());
    const until = performance.now() + drainMs;
    // An unload that came before may still be draining, as long as it was told to.
    const callOff = endCallsAfter(this.#runtime, drainMs);
    try {
      await this.#queue.catch(() => {});
      await this.#watch?.close();
      await closeHost(this.#runtime, Math.max(0, until - performance.now()));
    } finally {
      callOff();
      await this.#closeWork.run(this.#runtime.options.logger);
    }
  }

  async #load(given: readonly PluginSpec[], { signal, upgrade }: ResolvedLoadOptions): Promise<string[]> {
    const targets = await targetsOf(given, this.#runtime.options.validation);
    const load = (all: AbortSignal) => loadSet(this.#runtime, targets, { signal: all, upgrade });
    const units = await underEither(signal, this.#loads.signal, load);
    this.#last.add(units, targets, this.#runtime.units);
    this.#points.check(units);
    return targets.map((target) => targetName(target));
  }

  #call<T>(
    name: string,
    fn: string,
    input: unknown,
    options: CallOptions | undefined,
    output: OutputMaker<T>,
  ): Promise<T> {
    try {
      checkFunctionName(fn);
      // One that is gone is refused by its state, before anything is asked for that is gone with it.
      const unit = this.#unitFor(name) as PluginUnit;
      return callPluginAs(this.#runtime, unit, fn, input, parseCallOptions(options), output);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Loads, reloads and unloads happen one after the other: each resolves against what the last one left. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#queue
      .catch(() => {})
      .then(() => {
        this.#assertOpen();
        return work();
      })
      .finally(() => this.#watch?.sync());
    this.#queue = turn;
    return turn;
  }

  #unitFor(name: string): FormerUnit {
    if (this.#runtime.skipped.has(name)) return this.#loaded(name);
    return this.#runtime.units.get(name) ?? this.#last.get(name) ?? this.#loaded(name);
  }

  #loaded(name: string): PluginUnit {
    this.#assertOpen();
    const unit = this.#runtime.units.get(name);
    if (unit) return unit;
    const skipped = this.#runtime.skipped.refusal(name);
    if (skipped) throw skipped;
    const nearest = nearestName(String(name), this.#runtime.units.keys());
    const hint = nearest ? ` Did you mean ${JSON.stringify(nearest)}?` : '';
    throw cordonError('ERR_NOT_FOUND', `No plugin ${JSON.stringify(name)} is loaded.${hint}`, {
      plugin: String(name),
    });
  }

  #assertOpen(): void {
    if (this.#runtime.state !== 'open') throw this.#closedError();
  }

  #closedError(): CordonError {
    return cordonError('ERR_CLOSED', 'The host was closed. Create a new one.');
  }
}
