import { performance } from 'node:perf_hooks';
import type { Lifecycle } from '../lifecycle/lifecycle.js';
import { effectiveLimits, type Limits } from '../manifest/limits.js';
import type { Manifest } from '../manifest/manifest.js';
import { ownValue } from '../manifest/own-value.js';
import type { PluginStats } from '../metrics/plugin-stats.js';
import type { InstanceMode, InstancePoolOptions } from '../sandbox/instance-pool-options.js';
import type { GuestSpec } from '../sandbox/protocol.js';
import type { ModuleSummary } from '../wasm/summary.js';
import { auditedGrant } from './audit.js';
import { createCapabilities } from './capabilities.js';
import { checkSignature } from './check-signature.js';
import { isCpuCap } from './cpu-cap.js';
import { grantFor } from './grant-permissions.js';
import { guestSpec } from './guest-spec.js';
import { InstanceListener } from './instance-listener.js';
import type { LoadRequest } from './load-request.js';
import { earlierAnswer } from './lock.js';
import { pluginConfig } from './plugin-config.js';
import type { PluginUnit } from './plugin-unit.js';
import { callableExports, checkExports, resolveImports } from './preflight.js';
import { checkInitialMemory, compileModule, inspectModule, type PreparedModule } from './prepare-module.js';
import { mainOf, type ReadModule, readModules } from './read-modules.js';
import type { Runtime } from './runtime.js';
import { wasiSpec } from './wasi-spec.js';

type Isolation = InstancePoolOptions['isolation'];

/** A module, and what is in it. */
interface InspectedModule extends ReadModule {
  readonly summary: ModuleSummary;
}

/**
 * The way of a load up to where the plugin can be started: artifact → integrity → signature → summary → grant → imports and exports
 * → rewrite and compile. Nothing is open yet where it fails.
 */
export async function buildUnit(
  runtime: Runtime,
  { candidate, links, lock, signal, replaces, embedding }: LoadRequest,
  lifecycle: Lifecycle,
  stats: PluginStats,
): Promise<PluginUnit> {
  const { options } = runtime;
  const { manifest } = candidate;
  const { name, version } = manifest;
  const limits = embedding?.limits ?? effectiveLimits(manifest.limits, options.limits);
  const { maxModuleBytes: maxBytes } = options.validation;
  const read = await readModules(candidate, { lock, maxBytes, signal });
  const signedBy = await checkSignature(runtime, candidate, read, signal);
  const inspected = read.map((one) => ({ ...one, summary: inspectModule(runtime, manifest, one.artifact) }));
  const main = mainOf(manifest, inspected);
  const exports = callableExports(main.summary);
  checkExports(manifest, exports);
  const config = pluginConfig(runtime, manifest, limits, embedding?.config);
  const earlier = earlierAnswer(lock, manifest, replaces?.manifest);
  const { grant, answered } = embedding
    ? { grant: embedding.grant, answered: undefined }
    : await grantFor(options, manifest, dependenciesOf(manifest, links), earlier, signal);
  const linkable = options.mode === 'audit' ? auditedGrant(runtime, grant) : grant;
  const hostFunctions = embedding?.hostFunctions ?? options.hostFunctions;
  const imports = resolveImports(manifest, inspected, hostFunctions, linkable);
  const isolation = isolationOf(runtime, name);
  const modules = await compileModules(runtime, manifest, inspected, { limits, isolation, stats });
  const instead = embedding?.wasi;
  const wasiOptions = { grant, linkable, countsQuotas: isolation !== 'process', instead };
  const spec = guestSpec(manifest, {
    id: runtime.sandbox.nextSpec(),
    ...{ modules, imports, limits, config },
    guestPages: checkInitialMemory(manifest, modules, limits.memoryBytes),
    wasi: imports.wasi ? await wasiSpec(runtime, manifest, wasiOptions) : undefined,
    ...(embedding && { asSdk: embedding.asSdk, logLevel: embedding.logLevel }),
  });
  const logger = embedding?.logger ?? options.logger.child({ plugin: name, version });
  const getUnit = (): PluginUnit => unit;
  const { capabilities, dispose } = createCapabilities(runtime, grant, limits, imports, getUnit, embedding);
  const pool = runtime.sandbox.open(
    {
      spec,
      mode: instanceMode(manifest, limits),
      maxInstances: limits.instances,
      isolation,
      startTimeoutMs: limits.startTimeoutMs,
      cpuPercent: limits.cpuPercent,
      isCpuCap: isCpuCap(manifest, options),
      hooks: exports.has('on_activate') ? [{ fn: 'on_activate', input: '' }] : [],
      migrate: exports.has('migrate') ? 'migrate' : undefined,
      replaces: replaces && { version: replaces.version, vars: replaces.pool.keptVars() },
    },
    new InstanceListener(runtime, getUnit),
  );
  const unit: PluginUnit = {
    ...{ name, version, manifest, candidate, lifecycle, stats, limits, grant, links, spec, pool },
    ...{ logger, capabilities, signedBy, answered, dispose },
    ...(embedding && { onOutput: embedding.onOutput }),
    exports: withStart(exports, spec),
    integrity: main.artifact.integrity,
    modules: Object.fromEntries(read.map((one) => [one.name, one.artifact.integrity])),
    calls: 0,
    lastCallAt: performance.now(),
    lostBecause: undefined,
    restarts: 0,
    stateReason: undefined,
  };
  return unit;
}

async function compileModules(
  runtime: Runtime,
  manifest: Manifest,
  inspected: readonly InspectedModule[],
  { limits, isolation, stats }: { limits: Limits; isolation: Isolation; stats: PluginStats },
): Promise<PreparedModule[]> {
  const { memoryBytes } = limits;
  const forProcess = isolation === 'process';
  const modules: PreparedModule[] = [];
  for (const { name, artifact, summary } of inspected) {
    const prepared = await compileModule(runtime, manifest, name, artifact, summary, memoryBytes, forProcess);
    if (prepared.cacheHit) stats.cacheHit();
    else stats.cacheMiss();
    modules.push(prepared);
  }
  return modules;
}

function dependenciesOf(manifest: Manifest, links: Readonly<Record<string, string>>): string[] {
  const names = [...Object.keys(manifest.dependencies), ...Object.keys(manifest.optionalDependencies)];
  return [...new Set([...names, ...names.flatMap((name) => links[name] ?? [])])];
}

/** A start-up export that nobody runs by itself (WASI's `_start`) can be called by its old name. */
function withStart(exports: Set<string>, spec: GuestSpec): ReadonlySet<string> {
  for (const name of spec.renamedExports.keys()) exports.add(name);
  return exports;
}

function instanceMode(manifest: Manifest, limits: Limits): InstanceMode {
  const { instance } = manifest;
  return typeof instance === 'object' ? { pool: Math.min(instance.pool, limits.instances) } : instance;
}

function isolationOf(runtime: Runtime, name: string): Isolation {
  const { isolation } = runtime.options;
  return ownValue(isolation, name) ?? isolation['*'] ?? 'shared';
}
