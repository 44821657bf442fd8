import type { HostEvents, LifecycleEvent } from './host-events.js';
import { type EnterableState, PLUGIN_STATES } from './plugin-state.js';
import type { SafeEmitter } from './safe-emitter.js';

/** The event that a state has of its own. */
const OWN_EVENT = Object.fromEntries(
  PLUGIN_STATES.map((state) => [state, `plugin:${state}`] as const),
) as Record<EnterableState, `plugin:${EnterableState}`>;

/** Does anybody listen to what {@link emitLifecycle} would emit? */
export function hearsLifecycle<Code extends string>(
  emitter: SafeEmitter<HostEvents<Code>>,
  to: EnterableState,
): boolean {
  return emitter.listenerCount('lifecycle') > 0 || emitter.listenerCount(OWN_EVENT[to]) > 0;
}

/** Emits one transition under both its names: `lifecycle`, then `plugin:<to>`. */
export function emitLifecycle<Code extends string>(
  emitter: SafeEmitter<HostEvents<Code>>,
  event: LifecycleEvent,
): void {
  const plain = emitter as unknown as SafeEmitter<Record<string, [event: LifecycleEvent]>>;
  plain.emit('lifecycle', event);
  plain.emit(OWN_EVENT[event.to], event);
}
