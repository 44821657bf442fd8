import { type CordonError, cordonError } from '../errors/cordon-error.js';
import type { Admission, InstancePoolListener } from '../sandbox/instance-pool-options.js';
import type { Failure } from '../sandbox/protocol.js';
import { admitInstance } from './instance-budget.js';
import { instanceStarted, move } from './plugin-state.js';
import type { PluginUnit } from './plugin-unit.js';
import type { Runtime } from './runtime.js';

/** What the comings and goings of a plugin's instances mean for its state, its statistics and its events. */
export class InstanceListener implements InstancePoolListener {
  readonly #runtime: Runtime;
  readonly #unit: () => PluginUnit;
  /** It is told once. */
  #hasForgotten = false;

  /** @param unit the plugin, which is there once its pool is */
  constructor(runtime: Runtime, unit: () => PluginUnit) {
    this.#runtime = runtime;
    this.#unit = unit;
  }

  admit(isAwaited: boolean): Admission | undefined {
    return admitInstance(this.#runtime, this.#unit(), isAwaited);
  }

  onRoom(wake: () => void, isBare: boolean): void {
    const owner = this.#unit();
    this.#runtime.room.add(wake, { isBare, instances: () => owner.pool.instances, owner });
  }

  onGone(): void {
    this.#runtime.room.wake();
  }

  onStarted(): void {
    instanceStarted(this.#unit());
    // Until now nobody could ask for it, as it was not ready.
    this.#runtime.room.wake();
    reportRestart(this.#runtime, this.#unit());
  }

  onNotNeeded(): void {
    const plugin = this.#unit();
    if (plugin.calls === 0 && plugin.lifecycle.state === 'loading') {
      move(plugin, 'idle', 'no call waits for it any more');
    }
  }

  onVarsForgotten(tenants: number): void {
    if (this.#hasForgotten) return;
    this.#hasForgotten = true;
    const { name, version } = this.#unit();
    this.#runtime.warn(
      'budget',
      `${name}@${version} keeps the vars of ${tenants} tenants, and has more: those of the tenant that set its own longest ago are gone, and so on.`,
      { plugin: name, version, detail: { limit: tenants } },
    );
  }

  onStartFailed(failure: Failure, others: boolean): void {
    const plugin = this.#unit();
    if (failure.violation) {
      this.#runtime.violate(plugin, {
        kind: failure.violation,
        message: failure.message,
        detail: failure.details,
      });
    }
    if (others) return;
    move(plugin, 'failed', failure.message);
  }

  onLost(failure: Failure): void {
    const plugin = this.#unit();
    plugin.lostBecause = { message: failure.message, code: failure.code };
    if (plugin.lifecycle.state === 'ready' && plugin.pool.instances === 0) {
      move(plugin, 'idle', failure.message);
    }
  }
}

function reportRestart(runtime: Runtime, unit: PluginUnit): void {
  const lost = unit.lostBecause;
  if (!lost) return;
  unit.lostBecause = undefined;
  unit.restarts++;
  unit.stats.restarted();
  runtime.emitter.emit('plugin:restarted', {
    plugin: unit.name,
    version: unit.version,
    reason: lost.message,
    code: lost.code,
    restarts: unit.restarts,
    at: Date.now(),
  });
}

/** An instance did not come up. */
export function startError(unit: PluginUnit, failure: Failure): CordonError {
  return cordonError(failure.code, `${unit.name}@${unit.version} did not start. ${failure.message}`, {
    plugin: unit.name,
    version: unit.version,
    details: failure.details,
  });
}
