import { performance } from 'node:perf_hooks';
import type { PluginCandidate } from '../src/catalog/catalog-source.js';
import type { PluginState } from '../src/events/plugin-state.js';
import type { Signer } from '../src/integrity/find-signer.js';
import type { Limits } from '../src/manifest/limits.js';
import type { Manifest } from '../src/manifest/manifest.js';
import type { HostStatsSnapshot } from '../src/metrics/host-stats.js';
import type { PluginStatsSnapshot } from '../src/metrics/plugin-stats.js';
import type { Grant } from '../src/policy/grants.js';
import type { Reasons, Resolution } from '../src/resolver/resolution.js';
import type { PluginUnit } from '../src/runtime/plugin-unit.js';
import type { Runtime } from '../src/runtime/runtime.js';

/** Something in the catalog that cannot be used, and why. */
export interface BrokenPlugin {
  readonly origin: string;
  readonly source: string;
  readonly error: Error;
}

/** What a plugin got of what it asked for. */
export interface EffectivePermissions {
  readonly http: Grant['http']['effective'];
  readonly fs: Grant['fs'];
  readonly env: readonly string[];
  readonly hostFunctions: readonly string[];
  readonly plugins: readonly string[];
  /** What it asked for and did not get, each with the side that refused. */
  readonly refused: Grant['refused'];
}

/** One plugin as plain, frozen data. */
export interface PluginInfo {
  readonly name: string;
  readonly version: string;
  readonly state: PluginState;
  /** Why it is in its state, where there is more to say. */
  readonly stateReason?: string;
  readonly manifest: Manifest;
  /** Where its manifest is, and which catalog source it came from. */
  readonly origin: string;
  readonly source: string;
  /** Digest of its main module. */
  readonly integrity: string;
  /** The trusted key that signed it; absent where signatures are off, or where it was let in without one. */
  readonly signedBy?: Signer;
  readonly exports: readonly string[];
  /** Names that it depends on → plugins that serve them. */
  readonly dependencies: Readonly<Record<string, string>>;
  /** Loaded plugins that depend on it. */
  readonly dependents: readonly string[];
  readonly permissions: EffectivePermissions;
  readonly limits: Limits;
  readonly instances: number;
  /** Of all its instances, at the end of their last calls. */
  readonly memoryBytes: number;
  /** What it used over the last 10 s, in percent of one core; `limits.cpuPercent` is of the same. */
  readonly cpuPercent: number;
  readonly stats: PluginStatsSnapshot;
}

/** Totals of a host. */
export interface HostReport extends HostStatsSnapshot {
  readonly cache: {
    readonly hits: number;
    readonly misses: number;
    readonly entries: number;
    readonly bytes: number;
  };
}

/** What a load would do. */
export interface ResolutionReport {
  /** In the order of activation. */
  readonly plugins: readonly ResolvedPluginReport[];
  /** Optional dependencies that could not be met, and why. */
  readonly dropped: Resolution<PluginCandidate>['dropped'];
}

export interface ResolvedPluginReport {
  readonly name: string;
  readonly version: string;
  readonly origin: string;
  readonly source: string;
  readonly loaded: boolean;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly reasons: Reasons;
}

/** @internal */
export function pluginInfo(unit: PluginUnit, runtime: Runtime): PluginInfo {
  const { grant, candidate } = unit;
  return Object.freeze({
    name: unit.name,
    version: unit.version,
    state: unit.lifecycle.state,
    ...(unit.stateReason !== undefined && { stateReason: unit.stateReason }),
    manifest: unit.manifest,
    origin: candidate.origin,
    source: candidate.source,
    integrity: unit.integrity,
    ...(unit.signedBy && { signedBy: unit.signedBy }),
    exports: Object.freeze([...unit.exports].sort()),
    dependencies: Object.freeze({ ...unit.links }),
    dependents: Object.freeze(
      [...runtime.units.values()]
        .filter((other) => Object.values(other.links).includes(unit.name))
        .map(({ name }) => name),
    ),
    permissions: Object.freeze({
      http: grant.http.effective,
      fs: grant.fs,
      env: grant.env,
      hostFunctions: grant.hostFunctions,
      plugins: grant.plugins,
      refused: grant.refused,
    }),
    limits: unit.limits,
    instances: unit.pool.instances,
    memoryBytes: unit.pool.memoryBytes,
    cpuPercent: unit.pool.pace.share.percent(performance.now()),
    stats: unit.stats.snapshot(),
  });
}

/** @internal */
export function resolutionReport({ order, dropped }: Resolution<PluginCandidate>): ResolutionReport {
  const plugins = order.map((plugin) =>
    Object.freeze({
      name: plugin.name,
      version: plugin.version,
      origin: plugin.candidate.origin,
      source: plugin.candidate.source,
      loaded: plugin.isLoaded,
      dependencies: Object.freeze(
        Object.fromEntries(plugin.dependencies.map(({ name, plugin: by }) => [name, by])),
      ),
      reasons: plugin.reasons,
    }),
  );
  return Object.freeze({ plugins: Object.freeze(plugins), dropped });
}
