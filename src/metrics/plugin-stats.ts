import { CallStats, type StatsSnapshot } from './call-stats.js';
import type { HostStats } from './host-stats.js';

/** The counters of one version of a plugin; plain, frozen. */
export interface PluginStatsSnapshot extends StatsSnapshot {
  readonly plugin: string;
  readonly version: string;
}

/** Counts for one version of a plugin, and for its host at the same time. */
export class PluginStats extends CallStats {
  readonly plugin: string;
  readonly version: string;

  constructor(options: {
    readonly plugin: string;
    readonly version: string;
    readonly host?: HostStats;
    readonly now?: () => number;
  }) {
    super({
      ...(options.host ? { parent: options.host } : {}),
      ...(options.now ? { now: options.now } : {}),
    });
    this.plugin = options.plugin;
    this.version = options.version;
  }

  override snapshot(): PluginStatsSnapshot {
    return Object.freeze({ plugin: this.plugin, version: this.version, ...super.snapshot() });
  }
}
