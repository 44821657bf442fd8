import { performance } from 'node:perf_hooks';
import { owners } from './instance-budget.js';
import { policyOf } from './plugin-policy.js';
import type { PluginUnit } from './plugin-unit.js';
import type { Runtime } from './runtime.js';

/**
 * So many plugins wait for an instance and have none, and no instance is idle: those that have served their plugins for
 * longest end with the calls that they are in the midst of. Without this one that is flooded would keep its own for ever.
 */
export function endTurns(runtime: Runtime, most: number): void {
  const now = performance.now();
  const over: { readonly unit: PluginUnit; readonly at: number }[] = [];
  let coming = 0;
  for (const unit of owners(runtime)) {
    coming += unit.pool.turns.leaving;
    const at = unit.pool.turns.turnEndsAt;
    if (at <= now && !policyOf(runtime.options, unit.name).pinned) over.push({ unit, at });
  }
  over.sort((a, b) => a.at - b.at);
  for (const { unit } of over.slice(0, Math.max(0, most - coming))) unit.pool.turns.endTurn();
}
