import { type Channel, channel, type TracingChannel, tracingChannel } from 'node:diagnostics_channel';
import type { CallEvent, LifecycleEvent } from './host-events.js';
import type { ViolationEvent } from './violation-event.js';

/** What every message of a tracing channel has. */
export interface Trace {
  /** The host that does it: channels are of the whole process. */
  readonly host: object;
  readonly plugin: string;
  readonly version: string;
  /** Set when it has failed; then `error` is published. */
  readonly error?: unknown;
  /**
   * A subscriber of `start` may put a function here that runs the work in a context of its own, such as one with an active
   * span. It has to call `work` once, at once, and return what that returns.
   */
  run?: (<T>(work: () => T) => T) | undefined;
}

/** `cordon:call`: from the moment a call is asked for until its promise settles, refused calls included. */
export interface CallTrace extends Trace {
  readonly fn: string;
  /** Whether the plugin has an export of that name; a guest that calls another plugin may say anything. */
  readonly isExport: boolean;
  readonly tenant?: string | undefined;
  /** The call of the plugin that makes this one. */
  readonly caller?: CallTrace | undefined;
  /** Set when it was accepted. */
  callId?: string;
  /** Set when it is over, if it was accepted. */
  figures?: Omit<CallEvent, 'callId' | 'plugin' | 'version' | 'fn'>;
}

/** `cordon:host-function`: a guest runs a function of the application. */
export interface HostFunctionTrace extends Trace {
  readonly name: string;
  /** On whose behalf; absent while an instance starts, or if nobody listened when the call began. */
  readonly call?: CallTrace | undefined;
  readonly callId?: string | undefined;
}

/** `cordon:http`: a guest makes an HTTP request, with all its redirects. */
export interface HttpTrace extends Trace {
  readonly call?: CallTrace | undefined;
  readonly callId?: string | undefined;
  /** Upper case; of the last hop when it is over. */
  method: string;
  /** Without user name, query and fragment; of the last hop when it is over. */
  url: string;
  /** The rest is set when it is over; 0 where no response came. */
  status?: number;
  redirects?: number;
  requestBytes?: number;
  responseBytes?: number;
}

/** `cordon:load`: one plugin is brought up, by a load or by a reload. */
export interface LoadTrace extends Trace {
  readonly origin: string;
  /** The version that it is to replace. */
  readonly replaces?: string | undefined;
}

/** Both parameters are the same, because @types/node changed their order (26), and applications check this with theirs. */
type Tracing<Message extends object> = TracingChannel<Message, Message>;

export const CALL_CHANNEL = tracingChannel('cordon:call') as Tracing<CallTrace>;
export const HOST_FUNCTION_CHANNEL = tracingChannel('cordon:host-function') as Tracing<HostFunctionTrace>;
export const HTTP_CHANNEL = tracingChannel('cordon:http') as Tracing<HttpTrace>;
export const LOAD_CHANNEL = tracingChannel('cordon:load') as Tracing<LoadTrace>;

const LIFECYCLE: Channel = channel('cordon:lifecycle');
const VIOLATION: Channel = channel('cordon:violation');

/** Does anybody subscribe to {@link publishLifecycle}? */
export function hasLifecycleSubscribers(): boolean {
  return LIFECYCLE.hasSubscribers;
}

/** `cordon:lifecycle`: the event of that name. */
export function publishLifecycle(host: object, event: LifecycleEvent): void {
  if (LIFECYCLE.hasSubscribers) LIFECYCLE.publish({ host, event });
}

/** `cordon:violation`: the event of that name. */
export function publishViolation(host: object, event: ViolationEvent): void {
  if (VIOLATION.hasSubscribers) VIOLATION.publish({ host, event });
}

/**
 * Does the work and tells a tracing channel of its start, its end and its error. Where nobody listens that costs one look,
 * and no message is made.
 */
export function traced<Message extends Trace, T>(
  channel: Tracing<Message>,
  message: () => Message,
  work: (trace: Message | undefined) => Promise<T>,
): Promise<T> {
  if (!channel.hasSubscribers) return work(undefined);
  const trace = message();
  return channel.tracePromise(
    () => (trace.run ? trace.run(() => work(trace)) : work(trace)),
    trace,
  ) as Promise<T>;
}
