import { type Health, hostHealth, pluginHealth } from '../src/metrics/health.js';
import type { HostStatsSnapshot } from '../src/metrics/host-stats.js';
import type { HostRuntime } from '../src/runtime/host-runtime.js';
import type { PluginUnit } from '../src/runtime/plugin-unit.js';

/** The totals of a host at this moment. */
export function snapshotOf(runtime: HostRuntime): HostStatsSnapshot {
  const { sandbox, units, unitsBySpec, cache, disk, stats, loopDelay } = runtime;
  const eventLoopDelayMs = loopDelay.read();
  let instances = 0;
  let memoryBytes = 0;
  for (const { pool } of unitsBySpec.values()) {
    instances += pool.instances;
    memoryBytes += pool.memoryBytes;
  }
  return stats.report({
    states: [...units.values()].map(({ lifecycle }) => lifecycle.state),
    threads: sandbox.threads.size,
    processes: sandbox.threads.processes,
    instances,
    memoryBytes,
    cacheBytes: cache.stats.bytes,
    diskCache: disk?.stats,
    cpu: sandbox.cpu,
    ...(eventLoopDelayMs !== undefined && { eventLoopDelayMs }),
  });
}

/** How a host is. */
export function healthOf(runtime: HostRuntime): Health {
  const { budget } = runtime.options;
  const { queued, instances, eventLoopDelayMs } = snapshotOf(runtime);
  return hostHealth({
    state: runtime.state,
    plugins: [...runtime.units.values()].map((unit) => ({
      plugin: unit.name,
      health: healthOfPlugin(runtime, unit),
    })),
    budgets: [
      { name: 'budget.queuedCalls', used: queued, limit: budget.queuedCalls },
      { name: 'budget.instances', used: instances, limit: budget.instances },
    ],
    eventLoopDelayMs,
  });
}

/** How one of its plugins is. */
export function healthOfPlugin(runtime: HostRuntime, unit: PluginUnit): Health {
  const health = pluginHealth({
    state: unit.lifecycle.state,
    stateReason: unit.stateReason,
    stats: unit.stats.snapshot(),
    recentViolations: runtime.ledger.weight(unit.name),
  });
  return runtime.redaction.value(health);
}
