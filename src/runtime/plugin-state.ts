import type { EnterableState } from '../events/plugin-state.js';
import type { PluginUnit } from './plugin-unit.js';
import type { Runtime } from './runtime.js';

/** Moves a unit if the table allows it from where it is; a state that came first stays. */
export function move(unit: PluginUnit, to: EnterableState, reason?: string): boolean {
  if (!unit.lifecycle.can(to)) return false;
  unit.stateReason = reason;
  unit.lifecycle.to(to, reason);
  return true;
}

/** A call was accepted, at `now` by `performance.now()`. */
export function callBegan(unit: PluginUnit, now: number): void {
  unit.calls++;
  unit.lastCallAt = now;
  const { state } = unit.lifecycle;
  if (state === 'ready') move(unit, 'running');
  else if (state === 'idle' || state === 'failed') move(unit, 'loading', 'a call came');
}

/** A call is over, at `now` by `performance.now()`. */
export function callEnded(unit: PluginUnit, now: number): void {
  unit.calls--;
  unit.lastCallAt = now;
  if (unit.calls > 0) return;
  // No instance came for the call that woke it, and none is on its way.
  if (unit.lifecycle.state === 'loading' && !hasInstance(unit)) {
    move(unit, 'idle', 'no call waits for it any more');
  }
  if (unit.lifecycle.state !== 'running') return;
  if (hasInstance(unit)) move(unit, 'ready');
  else move(unit, 'idle', unit.lostBecause?.message ?? 'its instance was disposed of');
}

/** An instance came up. Where the call that it was started for was given up meanwhile, the plugin is idle no more all the same. */
export function instanceStarted(unit: PluginUnit): void {
  if (unit.lifecycle.state === 'idle') move(unit, 'loading', 'an instance came up');
  if (unit.lifecycle.state !== 'loading') return;
  move(unit, 'ready');
  if (unit.calls > 0) move(unit, 'running');
}

/** These plugins are held by no quarantine any more. */
export function freed(runtime: Runtime, names: readonly string[], reason: string): void {
  for (const name of names) {
    const unit = runtime.units.get(name);
    if (unit?.lifecycle.state !== 'quarantined') continue;
    runtime.ledger.pardon(name);
    if (!hasInstance(unit)) move(unit, 'idle', reason);
    else if (move(unit, 'ready', reason) && unit.calls > 0) move(unit, 'running');
  }
}

/** A plugin that makes an instance for each call is ready without any. */
function hasInstance(unit: PluginUnit): boolean {
  return unit.manifest.instance === 'per-call' || unit.pool.instances > 0;
}
