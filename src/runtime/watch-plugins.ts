import semver from 'semver';
import { CordonError } from '../errors/cordon-error.js';
import { FolderWatches } from '../reload/folder-watches.js';
import { type Look, PluginWatch } from '../reload/plugin-watch.js';
import { filesOf, isLoaded, lookAtFiles, manifestPath } from './look-at-files.js';
import type { PluginUnit } from './plugin-unit.js';
import type { Runtime } from './runtime.js';

/** How often a folder that cannot be watched is looked at, where the host does not say. */
const FALLBACK_POLL_MS = 1000;

export interface WatchOptions {
  /** How long files have to stay as they are, in milliseconds. */
  readonly debounceMs: number;
  /** Looks at all files so often, whatever the operating system tells; `Infinity` only where it tells nothing. */
  readonly pollMs: number;
}

export interface WatchActions {
  /** The range that the plugin was asked for with. */
  readonly range: (plugin: string) => string | undefined;
  readonly reload: (plugin: string, version: string) => Promise<unknown>;
}

interface Watched {
  readonly unit: PluginUnit;
  readonly watch: PluginWatch;
}

/** Reloads plugins when their files change. What cannot be loaded is told once, and the old version keeps serving. */
export class WatchPlugins {
  readonly #runtime: Runtime;
  readonly #options: WatchOptions;
  readonly #actions: WatchActions;
  readonly #folders: FolderWatches;
  readonly #watched = new Map<string, Watched>();
  /** By what looks the reloads that are under way were decided on. */
  readonly #changes = new Map<string, string>();
  readonly #ending = new Set<Promise<void>>();
  /** Large modules are read one after the other. */
  #reading: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(runtime: Runtime, options: WatchOptions, actions: WatchActions) {
    this.#runtime = runtime;
    this.#options = options;
    this.#actions = actions;
    const pollAll = options.pollMs !== Number.POSITIVE_INFINITY;
    this.#folders = new FolderWatches({ pollMs: pollAll ? options.pollMs : FALLBACK_POLL_MS, pollAll });
  }

  /** Watches what is loaded now, and nothing else. */
  sync(): void {
    if (this.#closed) return;
    const { units } = this.#runtime;
    for (const [name, { unit }] of this.#watched) if (units.get(name) !== unit) this.#stop(name);
    for (const unit of units.values()) {
      if (this.#watched.get(unit.name)?.unit === unit) continue;
      this.#start(unit, this.#changes.get(unit.name));
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const name of [...this.#watched.keys()]) this.#stop(name);
    await Promise.all(this.#ending);
  }

  #start(unit: PluginUnit, loaded: string | undefined): void {
    const origin = manifestPath(unit);
    if (origin === undefined) return;
    const watch = new PluginWatch({
      folders: this.#folders,
      debounceMs: this.#options.debounceMs,
      files: filesOf(origin, unit.manifest),
      loaded,
      look: (signal) => this.#look(unit, signal),
      isLoaded: (look) => isLoaded(unit, look),
      onChanged: (look) => this.#reload(unit, look),
      onProblem: (_, problem) => this.#warn(unit, 'has files that cannot be loaded', problem),
    });
    this.#watched.set(unit.name, { unit, watch });
  }

  #stop(name: string): void {
    const ending = this.#watched.get(name)!.watch.close();
    this.#watched.delete(name);
    this.#ending.add(ending);
    void ending.finally(() => this.#ending.delete(ending));
  }

  #look(unit: PluginUnit, signal: AbortSignal): Promise<Look> {
    const look = this.#reading.then(() => lookAtFiles(this.#runtime, unit, signal));
    this.#reading = look.catch(() => {});
    return look;
  }

  async #reload(unit: PluginUnit, { key, version }: Look): Promise<void> {
    const { name } = unit;
    const range = this.#actions.range(name);
    if (range !== undefined && !semver.satisfies(version!, range)) {
      const outside = `they are version ${version}, and ${name} was loaded as "${range}". Reload it by hand with { to: "${version}" }`;
      return this.#warn(unit, 'is not reloaded from its files', new Error(outside));
    }
    this.#changes.set(name, key);
    try {
      await this.#actions.reload(name, version!);
    } catch (error) {
      // Unloaded or closed meanwhile: nobody waits for it any more.
      if (this.#runtime.units.get(name) === unit && this.#runtime.state === 'open') {
        this.#warn(unit, 'could not be reloaded', error as Error);
      }
    } finally {
      this.#changes.delete(name);
    }
  }

  #warn({ name, version }: PluginUnit, what: string, problem: Error): void {
    const code = problem instanceof CordonError ? problem.code : undefined;
    const message = problem.message.replace(/\.$/, '');
    this.#runtime.warn(
      'reload',
      `${name}@${version} ${what}: ${message}. It keeps serving as it was loaded; the next change of its files is tried again.`,
      { plugin: name, version, ...(code && { code }) },
    );
  }
}
