import { performance } from 'node:perf_hooks';
import type { PluginCandidate } from '../catalog/catalog-source.js';
import { CordonError, cordonError } from '../errors/cordon-error.js';
import { hasLifecycleSubscribers, LOAD_CHANNEL, publishLifecycle, traced } from '../events/channels.js';
import { emitLifecycle, hearsLifecycle } from '../events/emit-lifecycle.js';
import { throwIfAborted } from '../integrity/abortable.js';
import { readArtifact } from '../integrity/read-artifact.js';
import { verifyIntegrity } from '../integrity/verify-integrity.js';
import { Lifecycle } from '../lifecycle/lifecycle.js';
import { effectiveLimits, type Limits } from '../manifest/limits.js';
import type { Manifest, WasmItem } from '../manifest/manifest.js';
import { ownValue } from '../manifest/own-value.js';
import { PluginStats } from '../metrics/plugin-stats.js';
import type { Grant } from '../policy/grants.js';
import { lockedIntegrity } from '../resolver/lockfile/frozen.js';

import type { InstanceMode, InstancePoolOptions } from '../sandbox/instance-pool-options.js';
import type { StartHook } from '../sandbox/instance-slot.js';
import type { GuestSpec } from '../sandbox/protocol.js';

import { auditedGrant, auditedMounts } from './audit.js';
import { createCapabilities } from './capabilities.js';
import { checkSignature } from './check-signature.js';
import { isCpuCap } from './cpu-cap.js';
import type { Embedding } from './embedding.js';
import { grantFor } from './grant-permissions.js';
import { guestSpec } from './guest-spec.js';
import { holdIfQuarantined } from './held-plugin.js';
import { InstanceListener, startError } from './instance-listener.js';
import { earlierAnswer, type Lock } from './lock.js';
import { openableMounts } from './mounts.js';
import { instanceStarted, move } from './plugin-state.js';
import type { PluginUnit } from './plugin-unit.js';
import { callableExports, checkExports, resolveImports } from './preflight.js';
import { checkInitialMemory, compileModule, inspectModule, type PreparedModule } from './prepare-module.js';
import { REFUSALS, recordRefusal, recordViolation } from './record-refusal.js';
import type { Runtime } from './runtime.js';
import { trustedPlaces } from './trusted-places.js';

/** What resolution decided for one plugin. */
export interface LoadRequest {
  readonly candidate: PluginCandidate;
  /** Names that it depends on → names of the plugins that serve them. */
  readonly links: Readonly<Record<string, string>>;
  /** What its modules and its permissions are held against. */
  readonly lock: Lock | undefined;
  /** The last step before it serves; where it fails, so does the load. */
  readonly beforeServing?: ((unit: PluginUnit) => Promise<void>) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** One that cannot be started stays, `failed`, and one that cannot be loaded is `failed` and not there. */
  readonly isSkippable?: boolean;
  /** The unit that serves until this one is ready, and whose vars it takes over. */
  readonly replaces?: PluginUnit | undefined;
  /** What goes for this plugin in place of the host's options. */
  readonly embedding?: Embedding | undefined;
}

/**
 * The way of a load: artifact → integrity → signature → summary → grant → imports and exports → rewrite and compile → instantiate
 * under the start deadline → `on_activate` → ready. A step that fails undoes what the earlier ones opened.
 * @throws a CordonError that names the plugin and what was wrong
 */
export function loadPlugin(runtime: Runtime, request: LoadRequest): Promise<PluginUnit> {
  const { manifest, origin } = request.candidate;
  const { name: plugin, version } = manifest;
  return traced(
    LOAD_CHANNEL,
    () => ({ host: runtime.emitter, plugin, version, origin, replaces: request.replaces?.version }),
    () => load(runtime, request),
  );
}

async function load(runtime: Runtime, request: LoadRequest): Promise<PluginUnit> {
  const { manifest } = request.candidate;
  const { name, version } = manifest;
  const stats = new PluginStats({ plugin: name, version, host: runtime.stats });
  let unit: PluginUnit | undefined;
  const lifecycle = new Lifecycle({
    plugin: name,
    version,
    // A plugin that is called now and then goes to `running` and back with each call.
    isHeard: (to) => hearsLifecycle(runtime.emitter, to) || hasLifecycleSubscribers(),
    onTransition: (transition) => {
      const event = runtime.redaction.value(transition);
      emitLifecycle(runtime.emitter, event);
      publishLifecycle(runtime.emitter, event);
    },
  });
  lifecycle.to('loading');
  try {
    unit = await buildUnit(runtime, request, lifecycle, stats);
    runtime.unitsBySpec.set(unit.spec.id, unit);
    if (!request.replaces) runtime.units.set(name, unit);
    if (!(await holdIfQuarantined(runtime, unit))) await activate(runtime, unit, request.signal);
    await request.beforeServing?.(unit);
    // The place in the order of activation stays: dependents were activated after it.
    runtime.units.set(name, unit);
    runtime.skipped.delete(name);
    // What was put into quarantine while it started is the name, whichever version serves.
    const held = runtime.quarantine.get(name);
    if (held) move(unit, 'quarantined', held.reason);
    return unit;
  } catch (error) {
    const failure = runtime.redaction.value(about(manifest, error));
    recordRefusal(runtime, manifest, failure);
    const skip = request.isSkippable === true && isSkippable(failure);
    if (skip && unit) {
      move(unit, 'failed', failure.message);
      runtime.skipped.delete(name);
      return unit;
    }
    if (lifecycle.can('failed')) lifecycle.to('failed', failure.message);
    if (unit) await discard(runtime, unit, failure);
    if (!skip && lifecycle.can('unloaded')) lifecycle.to('unloaded', 'its load failed');
    throw failure;
  }
}

/** A load that was called off, or that the host's end cut short, says nothing of the plugin. */
export function isSkippable({ code }: CordonError): boolean {
  return code !== 'ERR_ABORTED' && code !== 'ERR_CLOSED';
}

/** What a manifest that came with its module in memory, or inside of it, need not say. */
const ONLY_MAIN: readonly WasmItem[] = [{ name: 'main' }];

async function buildUnit(
  runtime: Runtime,
  { candidate, links, lock, signal, replaces, embedding }: LoadRequest,
  lifecycle: Lifecycle,
  stats: PluginStats,
): Promise<PluginUnit> {
  const { manifest } = candidate;
  const limits = embedding?.limits ?? effectiveLimits(manifest.limits, runtime.options.limits);
  const artifacts = [];
  for (const item of manifest.wasm.length > 0 ? manifest.wasm : ONLY_MAIN) {
    const maxBytes = runtime.options.validation.maxModuleBytes;
    const artifact = await readArtifact(candidate, item, { maxBytes, signal });
    const subject = {
      plugin: manifest.name,
      version: manifest.version,
      file: item.path ?? item.url ?? item.name,
    };
    if (item.integrity) verifyIntegrity(artifact, item.integrity, subject);
    const locked = lock && lockedIntegrity(lock.content, manifest, item.name);
    if (locked)
      verifyIntegrity(artifact, locked, { ...subject, file: `${subject.file}, locked in ${lock.path},` });
    artifacts.push({ name: item.name, artifact });
  }
  const signedBy = await checkSignature(runtime, candidate, artifacts, signal);
  const inspected = artifacts.map(({ name, artifact }) => ({
    name,
    artifact,
    summary: inspectModule(runtime, manifest, artifact),
  }));
  const main = inspected.find(({ name }) => name === 'main');
  if (!main)
    throw cordonError('ERR_MANIFEST', `${manifest.name}@${manifest.version} has no module named "main".`);
  const exports = callableExports(main.summary);
  checkExports(manifest, exports);
  const config = embedding?.config ?? { ...manifest.config, ...ownConfig(runtime, manifest.name) };
  checkConfig(manifest, config, limits);
  const dependencies = dependenciesOf(manifest, links);
  const earlier = earlierAnswer(lock, manifest, replaces?.manifest);
  const { grant, answered } = embedding
    ? { grant: embedding.grant, answered: undefined }
    : await grantFor(runtime.options, manifest, dependencies, earlier, signal);
  const isAudited = runtime.options.mode === 'audit';
  const linkable = isAudited ? auditedGrant(runtime, grant) : grant;
  const hostFunctions = embedding?.hostFunctions ?? runtime.options.hostFunctions;
  const imports = resolveImports(manifest, inspected, hostFunctions, linkable);
  const isolation = isolationOf(runtime, manifest.name);
  const modules: PreparedModule[] = [];
  for (const { name, artifact, summary } of inspected) {
    const prepared = await compileModule(
      runtime,
      manifest,
      name,
      artifact,
      summary,
      limits.memoryBytes,
      isolation === 'process',
    );
    if (prepared.cacheHit) stats.cacheHit();
    else stats.cacheMiss();
    modules.push(prepared);
  }
  const guestPages = checkInitialMemory(manifest, modules, limits.memoryBytes);
  const { doubles } = runtime.options;
  const mounts = embedding?.wasi ?? (imports.wasi && (await mountsFor(runtime, manifest, grant)));
  const wasi =
    imports.wasi && mounts
      ? {
          env: grantedEnv(linkable, doubles?.env),
          ...mounts,
          // Memory is not shared with another process, which counts by itself.
          ...(isolation !== 'process' && { mounts: runtime.quotas.with(mounts.mounts) }),
          ...(doubles && { fixed: doubles.wasi }),
        }
      : undefined;
  const spec = guestSpec(manifest, {
    id: runtime.sandbox.nextSpec(),
    modules,
    imports,
    limits,
    config,
    guestPages,
    wasi,
    ...(embedding && { asSdk: embedding.asSdk, logLevel: embedding.logLevel }),
  });
  const { capabilities, dispose } = createCapabilities(
    runtime,
    grant,
    limits,
    imports,
    () => unit,
    embedding,
  );
  const unit: PluginUnit = {
    name: manifest.name,
    version: manifest.version,
    manifest,
    candidate,
    lifecycle,
    stats,
    logger:
      embedding?.logger ?? runtime.options.logger.child({ plugin: manifest.name, version: manifest.version }),
    ...(embedding && { onOutput: embedding.onOutput }),
    limits,
    grant,
    links,
    spec,
    exports: withStart(exports, spec),
    capabilities,
    integrity: main.artifact.integrity,
    modules: Object.fromEntries(artifacts.map(({ name, artifact }) => [name, artifact.integrity])),
    signedBy,
    answered,
    dispose,
    pool: runtime.sandbox.open(
      {
        spec,
        mode: instanceMode(manifest, limits),
        maxInstances: limits.instances,
        isolation,
        startTimeoutMs: limits.startTimeoutMs,
        cpuPercent: limits.cpuPercent,
        isCpuCap: isCpuCap(manifest, runtime.options),
        hooks: hooksOf(exports),
        migrate: exports.has('migrate') ? 'migrate' : undefined,
        replaces: replaces && { version: replaces.version, vars: replaces.pool.keptVars() },
      },
      new InstanceListener(runtime, () => unit),
    ),
    calls: 0,
    lastCallAt: performance.now(),
    lostBecause: undefined,
    restarts: 0,
    stateReason: undefined,
  };
  return unit;
}

async function mountsFor(runtime: Runtime, manifest: Manifest, grant: Grant) {
  const trusted = await trustedPlaces(runtime);
  const granted = await openableMounts(manifest, grant, trusted);
  if (runtime.options.mode !== 'audit') return granted;
  const more = await auditedMounts(runtime, manifest, grant, trusted);
  return {
    mounts: [...granted.mounts, ...more.mounts],
    scratch: [...granted.scratch, ...more.scratch],
    audit: true,
  };
}

/** `on_activate`, before any call. */
function hooksOf(exports: ReadonlySet<string>): StartHook[] {
  return exports.has('on_activate') ? [{ fn: 'on_activate', input: '' }] : [];
}

/** A start-up export that nobody runs by itself (WASI's `_start`) can be called by its old name. */
function withStart(exports: Set<string>, spec: GuestSpec): ReadonlySet<string> {
  for (const name of spec.renamedExports.keys()) exports.add(name);
  return exports;
}

async function activate(runtime: Runtime, unit: PluginUnit, signal: AbortSignal | undefined): Promise<void> {
  throwIfAborted(signal, `loading ${unit.name}`);
  if (unit.manifest.activation === 'call') {
    move(unit, 'idle', 'it is started by its first call');
    return;
  }
  const stop = (): void => unit.pool.cancelStarts();
  signal?.addEventListener('abort', stop, { once: true });
  const failure = await unit.pool.warmUp();
  signal?.removeEventListener('abort', stop);
  throwIfAborted(signal, `loading ${unit.name}`);
  if (failure) {
    const error = startError(unit, failure);
    // The others are recorded with what else may be wrong with a load.
    if (failure.violation && !REFUSALS[failure.code])
      recordViolation(runtime, unit.manifest, failure.violation, error);
    throw error;
  }
  instanceStarted(unit);
}

async function discard(runtime: Runtime, unit: PluginUnit, failure: CordonError): Promise<void> {
  if (runtime.units.get(unit.name) === unit) {
    runtime.units.delete(unit.name);
    runtime.quarantine.release(unit.name);
  }
  await unit.pool.close({ code: failure.code, message: failure.message });
  runtime.sandbox.forget(unit.spec.id);
  runtime.unitsBySpec.delete(unit.spec.id);
  await unit.dispose();
}

function dependenciesOf(manifest: Manifest, links: Readonly<Record<string, string>>): string[] {
  const names = [...Object.keys(manifest.dependencies), ...Object.keys(manifest.optionalDependencies)];
  return [...new Set([...names, ...names.flatMap((name) => links[name] ?? [])])];
}

function checkConfig(manifest: Manifest, config: Readonly<Record<string, string>>, limits: Limits): void {
  let bytes = 0;
  for (const [key, value] of Object.entries(config)) {
    bytes += Buffer.byteLength(key) + Buffer.byteLength(value);
  }
  if (bytes <= limits.configBytes) return;
  throw cordonError(
    'ERR_MANIFEST',
    `The config of ${manifest.name}@${manifest.version} has ${bytes} bytes; limits.configBytes is ${limits.configBytes}.`,
    { details: { limit: limits.configBytes, observed: bytes } },
  );
}

function ownConfig(runtime: Runtime, name: string): Readonly<Record<string, string>> {
  const { config } = runtime.options;
  const plain = Object.entries(ownValue(config, name) ?? {}).map(([key, value]) => [
    key,
    typeof value === 'string' ? value : value.secret,
  ]);
  return Object.fromEntries(plain) as Record<string, string>;
}

/** Only what was granted, and of that only what is set. */
function grantedEnv(
  grant: Grant,
  from: Readonly<Record<string, string | undefined>> = process.env,
): Record<string, string> {
  const env: Record<string, string> = {};
  for (const name of grant.env) {
    const value = ownValue(from, name);
    if (value !== undefined) env[name] = value;
  }
  return env;
}

function instanceMode(manifest: Manifest, limits: Limits): InstanceMode {
  const { instance } = manifest;
  return typeof instance === 'object' ? { pool: Math.min(instance.pool, limits.instances) } : instance;
}

function isolationOf(runtime: Runtime, name: string): InstancePoolOptions['isolation'] {
  const { isolation } = runtime.options;
  return ownValue(isolation, name) ?? isolation['*'] ?? 'shared';
}

/** Every error of a load names the plugin. */
function about(manifest: Manifest, error: unknown): CordonError {
  const { name: plugin, version } = manifest;
  if (error instanceof CordonError) {
    if (error.plugin !== undefined) return error;
    return cordonError(error.code, `${plugin}@${version}: ${error.message}`, {
      plugin,
      version,
      cause: error.cause,
      details: error.details,
    });
  }
  const why = error instanceof Error ? error.message : String(error);
  return cordonError('ERR_STATE', `${plugin}@${version} could not be loaded: ${why}`, {
    plugin,
    version,
    cause: error,
  });
}
