import { CordonError, cordonError } from '../errors/cordon-error.js';
import { hasLifecycleSubscribers, LOAD_CHANNEL, publishLifecycle, traced } from '../events/channels.js';
import { emitLifecycle, hearsLifecycle } from '../events/emit-lifecycle.js';
import { throwIfAborted } from '../integrity/abortable.js';
import { Lifecycle } from '../lifecycle/lifecycle.js';
import type { Manifest } from '../manifest/manifest.js';
import { PluginStats } from '../metrics/plugin-stats.js';
import { buildUnit } from './build-unit.js';
import { holdIfQuarantined } from './held-plugin.js';
import { startError } from './instance-listener.js';
import type { LoadRequest } from './load-request.js';
import { instanceStarted, move } from './plugin-state.js';
import type { PluginUnit } from './plugin-unit.js';
import { REFUSALS, recordRefusal, recordViolation } from './record-refusal.js';
import type { Runtime } from './runtime.js';

/**
 * The way of a load: all that comes before the plugin can be started (`build-unit.ts`) → instantiate under the start deadline →
 * `on_activate` → ready. A step that fails undoes what the earlier ones opened.
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
  runtime.evictions.forget();
  await unit.dispose();
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
