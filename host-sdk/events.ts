import type { ErrorCode } from '../src/errors/codes.js';
import type * as events from '../src/events/host-events.js';

export type { CallTrace, HostFunctionTrace, HttpTrace, LoadTrace, Trace } from '../src/events/channels.js';
export type {
  HostEventName,
  LifecycleEvent,
  LogEvent,
  LogLevel,
  ReloadedEvent,
  WarningTopic,
} from '../src/events/host-events.js';
export type { PluginState } from '../src/events/plugin-state.js';
export type { Severity, ViolationEvent, ViolationKind } from '../src/events/violation-event.js';

/** The events of a host by name, as eventemitter3 wants them. */
export type HostEvents = events.HostEvents<ErrorCode>;
/** A request of a plugin came to its end. */
export type HttpRequestEvent = events.HttpRequestEvent<ErrorCode>;
/** A call came to its end. */
export type CallEvent = events.CallEvent<ErrorCode>;
/** An instance was lost and made anew. */
export type RestartedEvent = events.RestartedEvent<ErrorCode>;
/** Something for an operator to see. */
export type WarningEvent = events.WarningEvent<ErrorCode>;
