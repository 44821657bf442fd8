import type { Admission } from '../sandbox/instance-pool-options.js';
import { EvictionOrder } from './eviction-order.js';
import { giveUpInstances, mayGiveUp } from './idle-instances.js';
import { policyOf } from './plugin-policy.js';
import type { PluginUnit } from './plugin-unit.js';
import type { Runtime } from './runtime.js';

const PAGE = 65_536;

/**
 * May one more instance of `unit` exist? Where `budget.instances` or `budget.memoryBytes` is used up, idle plugins give
 * theirs up first, the longest unused first; pinned ones do not. Memory counts as it was at the end of the last calls, and
 * a new instance with what it begins with; growth in the midst of calls is held to the budget in the threads.
 *
 * One that a call of another plugin waits for is let in where nobody can give one up. That call may block the very thread in
 * which those who have instances wait for their turn, so to wait for them would be to wait for itself.
 */
export function admitInstance(runtime: Runtime, unit: PluginUnit, isAwaited: boolean): Admission | undefined {
  for (;;) {
    const refusal = overBudget(runtime, unit);
    if (!refusal) return isAwaited || !runtime.room.isKeptFrom(unit) ? undefined : keptForOther(unit);
    if (evictOldest(runtime, unit)) continue;
    if (!isAwaited) return refusal;
    if (!evictWaiting(runtime, unit)) return refusal.canWait ? undefined : refusal;
  }
}

function overBudget(runtime: Runtime, unit: PluginUnit): Admission | undefined {
  const { budget } = runtime.options;
  const { totals } = runtime.sandbox;
  const { instances } = totals;
  const own = unit.spec.guestPages * PAGE;
  const memoryBytes = own + totals.memoryBytes;
  const about = `One more instance of ${unit.name} was refused`;
  if (instances >= budget.instances) {
    return {
      canWait: budget.instances > 0,
      failure: {
        code: 'ERR_BUSY',
        message: `${about}: ${instances} are alive and in use; budget.instances is ${budget.instances}.`,
        details: { limit: budget.instances, observed: instances },
      },
    };
  }
  if (memoryBytes > budget.memoryBytes) {
    return {
      canWait: own <= budget.memoryBytes,
      failure: {
        code: 'ERR_BUSY',
        message: `${about}: guests would have ${memoryBytes} bytes of memory; budget.memoryBytes is ${budget.memoryBytes}.`,
        details: { limit: budget.memoryBytes, observed: memoryBytes },
      },
    };
  }
  return undefined;
}

function keptForOther(unit: PluginUnit): Admission {
  const message = `One more instance of ${unit.name} was refused: the room for it in budget.instances and budget.memoryBytes is kept for a plugin that has none, and has waited longer.`;
  return { canWait: true, failure: { code: 'ERR_BUSY', message, details: {} } };
}

/** Disposes of the instances of the plugin that was called least recently; false where none is idle. */
function evictOldest(runtime: Runtime, except: PluginUnit): boolean {
  const oldest = runtime.evictions.next(except);
  if (!oldest) return false;
  const before = oldest.pool.instances;
  giveUpInstances(oldest, 'it gave up its instance for a budget of the host');
  return oldest.pool.instances < before;
}

/**
 * A call that waits for this plugin holds a place of `budget.concurrentCalls`, and perhaps its thread. Those whose calls wait for
 * that place must not keep an instance meanwhile that the plugin needs: both would wait until a limit ends them.
 */
function evictWaiting(runtime: Runtime, needing: PluginUnit): boolean {
  for (const unit of owners(runtime)) {
    if (unit === needing || unit.lifecycle.state !== 'running') continue;
    if (policyOf(runtime.options, unit.name).pinned) continue;
    const before = unit.pool.instances;
    unit.pool.disposeIdle();
    if (unit.pool.instances < before) return true;
  }
  return false;
}

/** The order in which plugins of this host give up their instances. */
export function evictionOrder(
  runtime: Pick<Runtime, 'options' | 'sandbox' | 'units' | 'unitsBySpec'>,
): EvictionOrder {
  return new EvictionOrder(
    () => owners(runtime),
    // Not one that comes up yet, or goes.
    (unit) => runtime.units.get(unit.name) === unit && mayGiveUp(runtime, unit),
  );
}

/** The plugins that have instances. */
export function* owners({
  sandbox,
  unitsBySpec,
}: Pick<Runtime, 'sandbox' | 'unitsBySpec'>): Iterable<PluginUnit> {
  for (const spec of [...sandbox.totals.owners]) {
    const unit = unitsBySpec.get(spec);
    if (unit) yield unit;
  }
}
