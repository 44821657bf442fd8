import { cordonError } from '../errors/cordon-error.js';
import type { Failure } from '../sandbox/protocol.js';
import { move } from './plugin-state.js';
import type { PluginUnit } from './plugin-unit.js';
import type { Runtime } from './runtime.js';

/** How an unload goes about running calls. */
export interface UnloadOptions {
  /** How long running calls may take to finish, in milliseconds. */
  readonly drainMs: number;
  /** Unload what depends on it too, first. */
  readonly cascade: boolean;
}

/** Loaded plugins that depend on this one, directly. */
export function dependentsOf(runtime: Runtime, unit: PluginUnit): PluginUnit[] {
  return [...runtime.units.values()].filter(
    (other) => other !== unit && Object.values(other.links).includes(unit.name),
  );
}

/** Everyone who depends on this one, directly or not. */
export function allDependentsOf(runtime: Runtime, unit: PluginUnit): PluginUnit[] {
  const found = new Set<PluginUnit>();
  const visit = (one: PluginUnit): void => {
    for (const dependent of dependentsOf(runtime, one)) {
      if (found.has(dependent)) continue;
      found.add(dependent);
      visit(dependent);
    }
  };
  visit(unit);
  return [...found];
}

/**
 * The way of an unload: dependents → no new calls → drain → `on_deactivate` → dispose. The reverse of the order of
 * activation.
 * @throws ERR_PLUGIN_IN_USE
 */
export async function unloadPlugin(
  runtime: Runtime,
  unit: PluginUnit,
  options: UnloadOptions,
): Promise<void> {
  const dependents = dependentsOf(runtime, unit);
  if (dependents.length > 0 && !options.cascade) {
    const names = dependents.map(({ name }) => name);
    throw cordonError(
      'ERR_PLUGIN_IN_USE',
      `${unit.name} cannot be unloaded: ${names.join(', ')} ${names.length > 1 ? 'depend' : 'depends'} on it. Unload ${names.length > 1 ? 'them' : 'it'} first, or pass cascade: true.`,
      { plugin: unit.name, version: unit.version, details: { dependents: names } },
    );
  }
  const order = [...runtime.units.values()];
  for (const dependent of allDependentsOf(runtime, unit).sort(
    (a, b) => order.indexOf(b) - order.indexOf(a),
  )) {
    await retire(runtime, dependent, options.drainMs, `${unit.name} is unloaded`);
  }
  await retire(runtime, unit, options.drainMs, 'it is unloaded');
}

/** Drains and disposes of one unit, whatever depends on it. */
export async function retire(
  runtime: Runtime,
  unit: PluginUnit,
  drainMs: number,
  reason: string,
): Promise<void> {
  if (unit.lifecycle.state === 'unloaded') return;
  if (runtime.units.get(unit.name) === unit) runtime.units.delete(unit.name);
  move(unit, 'draining', reason);
  await within(drainMs, unit.pool.whenIdle());
  await deactivate(unit, runtime);
  const closed: Failure = {
    code: 'ERR_CLOSED',
    message: `${unit.name}@${unit.version} was unloaded before the call was over.`,
  };
  await unit.pool.close(closed);
  await unit.dispose();
  runtime.sandbox.forget(unit.spec.id);
  runtime.unitsBySpec.delete(unit.spec.id);
  runtime.evictions.forget();
  if (!runtime.units.has(unit.name)) {
    runtime.quarantine.release(unit.name);
  }
  if (move(unit, 'unloaded', reason)) return;
  // It was starting when this began, and came up meanwhile.
  move(unit, 'draining', reason);
  move(unit, 'unloaded', reason);
}

/** A hook that fails does not keep a plugin loaded: the host decides who stays. */
async function deactivate(unit: PluginUnit, runtime: Runtime): Promise<void> {
  if (!unit.exports.has('on_deactivate') || unit.calls > 0) return;
  const failures = await unit.pool.runHook('on_deactivate', '', unit.limits.startTimeoutMs);
  for (const failure of failures) {
    runtime.warn('restart', `on_deactivate of ${unit.name}@${unit.version} failed: ${failure.message}`, {
      plugin: unit.name,
      version: unit.version,
      code: failure.code,
    });
  }
}

/** Waits for `work`, at most so long. */
async function within(ms: number, work: Promise<void>): Promise<void> {
  if (ms === Number.POSITIVE_INFINITY) return work;
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, Math.min(ms, 2 ** 31 - 1));
  });
  await Promise.race([work, timeout]);
  clearTimeout(timer);
}
