import { PLUGIN_STATES, type PluginState } from '../events/plugin-state.js';
import { CallStats, type StatsSnapshot } from './call-stats.js';

/** Lookups in `cache.directory`, and what became of its entries, by this host. */
export interface DiskCacheCounts {
  readonly hits: number;
  readonly misses: number;
  readonly writes: number;
  /** Entries that were damaged, and dropped. */
  readonly damaged: number;
  /** Entries that went to keep `cache.maxDirectoryBytes`. */
  readonly evicted: number;
}

/** What a host can only be asked for at this moment; whoever asks for a snapshot brings it. */
export interface HostGauges {
  /** The state of every plugin that is loaded or being loaded. */
  readonly states: Iterable<PluginState>;
  /** Sandbox threads alive. */
  readonly threads: number;
  /** Child processes alive, each with a thread that is not among `threads`. */
  readonly processes: number;
  /** Live instances. */
  readonly instances: number;
  /** Memory of guests: what is used or reserved against `budget.memoryBytes`. */
  readonly memoryBytes: number;
  /** Compiled modules in the cache. */
  readonly cacheBytes: number;
  /** Rewritten modules on disk; absent where the host keeps none. */
  readonly diskCache?: DiskCacheCounts | undefined;
  /** What guests use of all cores over the last 10 s and what they may, in percent. */
  readonly cpu: { readonly percent: number; readonly limit: number };
  /** 99th percentile of how late the host's event loop runs; absent where it is not watched. */
  readonly eventLoopDelayMs?: number;
}

/** The counters of a host, of plugins that are gone too; plain, frozen. */
export interface HostStatsSnapshot extends StatsSnapshot {
  readonly uptimeMs: number;
  readonly plugins: number;
  readonly pluginsByState: Readonly<Record<PluginState, number>>;
  readonly threads: number;
  readonly processes: number;
  readonly instances: number;
  readonly memoryBytes: number;
  readonly cacheBytes: number;
  /** All 0 where there is no `cache.directory`. */
  readonly diskCache: DiskCacheCounts;
  readonly cpu: CpuReport;
  readonly eventLoopDelayMs?: number;
}

const NO_DISK_CACHE: DiskCacheCounts = Object.freeze({
  hits: 0,
  misses: 0,
  writes: 0,
  damaged: 0,
  evicted: 0,
});

/** What guests do with the processor. */
export interface CpuReport {
  /** What they used of all cores over the last 10 s, in percent: 100 is every core all the time. */
  readonly percent: number;
  /** `budget.cpuPercent`. */
  readonly limit: number;
  /** Calls that were held back by it or by their plugin's `limits.cpuPercent`, and for how long in all. */
  readonly delayed: number;
  readonly delayedMs: number;
}

/** Counts for a host: the sum over its plugins, and lookups in the cache. */
export class HostStats extends CallStats {
  readonly #clock: () => number;
  readonly #since: number;

  constructor({ now = Date.now }: { readonly now?: () => number } = {}) {
    super({ now });
    this.#clock = now;
    this.#since = now();
  }

  /** All counters with the gauges of this moment. */
  report({ states, diskCache = NO_DISK_CACHE, ...gauges }: HostGauges): HostStatsSnapshot {
    const pluginsByState = Object.fromEntries(PLUGIN_STATES.map((state) => [state, 0])) as Record<
      PluginState,
      number
    >;
    let plugins = 0;
    for (const state of states) {
      plugins++;
      pluginsByState[state]++;
    }
    const snapshot = this.snapshot();
    const { delayed, delayedMs } = snapshot;
    return Object.freeze({
      ...snapshot,
      uptimeMs: Math.max(0, this.#clock() - this.#since),
      plugins,
      pluginsByState: Object.freeze(pluginsByState),
      diskCache,
      ...gauges,
      cpu: Object.freeze({ ...gauges.cpu, delayed, delayedMs }),
    });
  }
}
