import type { SchemaInput, SchemaOutput } from '../src/bridge/standard-schema.js';
import type { CordonError } from '../src/errors/cordon-error.js';
import type { PluginState } from '../src/events/plugin-state.js';
import type { Manifest } from '../src/manifest/manifest.js';
import type { PluginStatsSnapshot } from '../src/metrics/plugin-stats.js';
import { asBytes } from '../src/runtime/call-plugin.js';
import type { CallOptions, ReloadOptions, UnloadOptions } from './call-options.js';
import { checkInput, checkOutput } from './contract-call.js';
import type { HostControl } from './host-control.js';
import { type Output, toOutput } from './output.js';
import type { ExportContract, PluginDefinition } from './plugin-definition.js';

/** The handle of a loaded plugin. It stays good over reloads; after an unload its calls reject with `ERR_CLOSED`. */
export class Plugin {
  readonly name: string;
  readonly #host: HostControl;

  /** @internal Made by `host.load`. */
  constructor(host: HostControl, name: string) {
    this.#host = host;
    this.name = name;
  }

  get version(): string {
    return this.#host.unit(this.name).version;
  }

  get state(): PluginState {
    return this.#host.state(this.name);
  }

  /** Deeply frozen. */
  get manifest(): Manifest {
    return this.#host.unit(this.name).manifest;
  }

  /** Functions that can be called, sorted. */
  get exports(): readonly string[] {
    return [...this.#host.unit(this.name).exports].sort();
  }

  get stats(): PluginStatsSnapshot {
    return this.#host.unit(this.name).stats.snapshot();
  }

  has(fn: string): boolean {
    return this.#host.unit(this.name).exports.has(fn);
  }

  /**
   * Calls an export. Many calls may be in flight; those for one stateful instance run in order.
   * @param input text (sent as UTF-8), bytes, or a value that is sent as JSON; default empty
   * @throws ERR_NO_EXPORT, ERR_INPUT, ERR_OUTPUT, ERR_TIMEOUT, ERR_FUEL, ERR_CPU, ERR_MEMORY, ERR_STACK, ERR_TRAP,
   * ERR_GUEST, ERR_HOST_FUNCTION, ERR_PERMISSION, ERR_ABORTED, ERR_BUSY, ERR_REENTRANT, ERR_QUARANTINED, ERR_STATE,
   * ERR_CLOSED
   */
  call(fn: string, input?: unknown, options?: CallOptions): Promise<Output> {
    return this.#host.call(this.name, fn, input, options, toOutput);
  }

  /** See `host.unload`. */
  unload(options?: UnloadOptions): Promise<void> {
    return this.#host.unload(this.name, options);
  }

  /** See `host.reload`. */
  async reload(options?: ReloadOptions): Promise<void> {
    await this.#host.reload(this.name, options);
  }

  /** Unloads it. One that somebody else unloads meanwhile is nothing to complain about. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.state === 'unloaded') return;
    await this.unload().catch((error: CordonError) => {
      if (error.code !== 'ERR_NOT_FOUND' && error.code !== 'ERR_CLOSED') throw error;
    });
  }
}

type Contracts = Readonly<Record<string, ExportContract>>;
type CallInput<C> = C extends { readonly input: infer S } ? SchemaInput<S> : unknown;
type CallOutput<C> = C extends { readonly output: infer S } ? SchemaOutput<S> : Output;

/** A plugin whose calls are checked against a {@link PluginDefinition} on both sides. */
export class TypedPlugin<E extends Contracts> {
  /** The handle without types: other exports, statistics, reload. */
  readonly plugin: Plugin;
  readonly #host: HostControl;
  readonly #definition: PluginDefinition<E>;

  /** @internal Made by `host.load`. */
  constructor(host: HostControl, definition: PluginDefinition<E>) {
    this.plugin = new Plugin(host, definition.name);
    this.#host = host;
    this.#definition = definition;
  }

  get name(): string {
    return this.plugin.name;
  }
  get version(): string {
    return this.plugin.version;
  }
  get state(): PluginState {
    return this.plugin.state;
  }
  get manifest(): Manifest {
    return this.plugin.manifest;
  }
  get exports(): readonly string[] {
    return this.plugin.exports;
  }
  get stats(): PluginStatsSnapshot {
    return this.plugin.stats;
  }
  has(fn: string): boolean {
    return this.plugin.has(fn);
  }

  /** @throws ERR_INPUT and ERR_OUTPUT where a side does not fit the contract, and what {@link Plugin.call} throws */
  async call<K extends keyof E & string>(
    fn: K,
    input: CallInput<E[K]>,
    options?: CallOptions,
  ): Promise<CallOutput<E[K]>> {
    const contract = this.#definition.exports[fn] ?? {};
    const sent = await checkInput(contract, this.name, fn, input);
    const bytes = await this.#host.call(this.name, fn, sent, options, asBytes);
    return (await checkOutput(contract, this.name, fn, bytes)) as CallOutput<E[K]>;
  }

  unload(options?: UnloadOptions): Promise<void> {
    return this.plugin.unload(options);
  }
  reload(options?: ReloadOptions): Promise<void> {
    return this.plugin.reload(options);
  }
  [Symbol.asyncDispose](): Promise<void> {
    return this.plugin[Symbol.asyncDispose]();
  }
}
