import { policyOf } from './plugin-policy.js';
import { move } from './plugin-state.js';
import type { PluginUnit } from './plugin-unit.js';
import type { Runtime } from './runtime.js';

/** May a plugin's instances go? Nobody calls it, and it is not pinned. In quarantine nobody can, and memory is not kept for it. */
export function mayGiveUp(runtime: Pick<Runtime, 'options'>, unit: PluginUnit): boolean {
  const { state } = unit.lifecycle;
  if (unit.calls > 0 || unit.pool.instances === 0) return false;
  return (state === 'ready' || state === 'quarantined') && !policyOf(runtime.options, unit.name).pinned;
}

/** Disposes of those that nobody has used since `olderThan`. Without any, a plugin that was ready is idle. */
export function giveUpInstances(unit: PluginUnit, reason: string, olderThan?: number): void {
  unit.pool.disposeIdle(olderThan);
  if (unit.pool.instances > 0 || unit.manifest.instance === 'per-call') return;
  if (unit.lifecycle.state === 'ready') move(unit, 'idle', reason);
}
