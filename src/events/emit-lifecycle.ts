import type { HostEvents, LifecycleEvent } from './host-events.js';
import type { SafeEmitter } from './safe-emitter.js';

/** Emits one transition under both its names: `lifecycle`, then `plugin:<to>`. */
export function emitLifecycle<Code extends string>(
  emitter: SafeEmitter<HostEvents<Code>>,
  event: LifecycleEvent,
): void {
  const plain = emitter as unknown as SafeEmitter<Record<string, [event: LifecycleEvent]>>;
  plain.emit('lifecycle', event);
  plain.emit(`plugin:${event.to}`, event);
}
