import type { EnterableState, PluginState } from './plugin-state.js';
import type { ViolationEvent } from './violation-event.js';

/** A plugin went from one state to the next. Also emitted as `plugin:` and the name of the new state. */
export interface LifecycleEvent<To extends PluginState = EnterableState> {
  readonly plugin: string;
  readonly version: string;
  readonly from: PluginState;
  readonly to: To;
  /** Why, where there is more to say than the two states do. */
  readonly reason?: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** A call came to its end, well or badly. Calls that were refused before they had an id are not among them. */
export interface CallEvent<Code extends string = string> {
  readonly callId: string;
  readonly plugin: string;
  readonly version: string;
  readonly fn: string;
  readonly ok: boolean;
  /** Of the error; absent where `ok`. */
  readonly code?: Code;
  /** Execution, host functions and HTTP included, the wait in the queue excluded. */
  readonly durationMs: number;
  /** The wait for an instance. */
  readonly queuedMs: number;
  /** Processor time of the guest; without waiting for the host where the platform does not tell it. */
  readonly cpuMs: number;
  /** Instructions executed; absent where the host does not meter. */
  readonly fuel?: number;
  /** The instance's linear memories and Extism blocks at the end of the call. */
  readonly memoryBytes: number;
  readonly inputBytes: number;
  readonly outputBytes: number;
}

/** The levels of guest logs, lowest first. */
export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error';

/** A plugin wrote a line to its log. */
export interface LogEvent {
  readonly plugin: string;
  readonly version: string;
  readonly level: LogLevel;
  /** One line; control characters are escaped, giant lines cut. */
  readonly message: string;
  /** Absent for what is written while an instance starts. */
  readonly callId?: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** A request of a plugin, redirects included, came to its end, whatever that was. */
export interface HttpRequestEvent<Code extends string = string> {
  readonly plugin: string;
  readonly version: string;
  /** Absent for what is sent while an instance starts. */
  readonly callId?: string;
  /** Of the last hop. */
  readonly method: string;
  /** Of the last hop; without user name, query and fragment, at most 500 characters. */
  readonly url: string;
  readonly redirects: number;
  /** `0` where no response came. */
  readonly status: number;
  /** A response came, of whatever status. */
  readonly ok: boolean;
  /** It was refused: the `violation` says why. */
  readonly refused: boolean;
  /** Of the error that ended the request. */
  readonly code?: Code;
  /** The network's failure, for example `ECONNREFUSED`, where it did not answer. */
  readonly failure?: string;
  /** Of the request's body. */
  readonly requestBytes: number;
  /** Of the response's body, after decompression. */
  readonly responseBytes: number;
  /** The part of `durationMs` spent waiting for a free connection. */
  readonly queuedMs: number;
  readonly durationMs: number;
  /** When it ended, in milliseconds since the epoch. */
  readonly at: number;
}

/** A version of a plugin took another's place; it may be the same version with other bytes. */
export interface ReloadedEvent {
  readonly plugin: string;
  /** The version that serves now. */
  readonly version: string;
  /** The version that served before. */
  readonly fromVersion: string;
  /** From the beginning of the reload until calls went to the new version. */
  readonly durationMs: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** An instance was lost and made anew; what it held in linear memory is gone. */
export interface RestartedEvent<Code extends string = string> {
  readonly plugin: string;
  readonly version: string;
  /** Why the old instance was lost, for people. */
  readonly reason: string;
  /** Of the error that cost the instance; absent where there was none, as when a neighbour's thread died. */
  readonly code?: Code;
  /** Restarts of this version so far, this one included. */
  readonly restarts: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/**
 * What a {@link WarningEvent} is about: `catalog` a broken plugin in a source, `signature` an unsigned plugin that was let
 * in, `thread` a sandbox thread that was lost or cannot be stopped, `cache` a damaged entry, `reload` a reload that was
 * given up, `restart` an instance that does not come back, `budget` a budget that is nearly used up, `audit` a folder that audit
 * mode does not mount, `extension` an extension point that nobody knows, or a plugin that was left out of one, `state` a file of the state directory that is damaged, or could not be written.
 */
export type WarningTopic =
  | 'catalog'
  | 'signature'
  | 'thread'
  | 'cache'
  | 'reload'
  | 'restart'
  | 'budget'
  | 'audit'
  | 'extension'
  | 'state';

/** Something that an operator should see, and that is no plugin's violation and no caller's error. */
export interface WarningEvent<Code extends string = string> {
  readonly topic: WarningTopic;
  readonly message: string;
  readonly plugin?: string;
  readonly version?: string;
  /** Of the error behind it, where there is one. */
  readonly code?: Code;
  /** The figures of the message as data. */
  readonly detail: Readonly<Record<string, unknown>>;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** The payload of every event by its name. `Code` is the union of error codes, which lives in another room. */
export type EventPayloads<Code extends string = string> = {
  lifecycle: LifecycleEvent;
  violation: ViolationEvent;
  call: CallEvent<Code>;
  log: LogEvent;
  http: HttpRequestEvent<Code>;
  warning: WarningEvent<Code>;
  'plugin:reloaded': ReloadedEvent;
  'plugin:restarted': RestartedEvent<Code>;
} & { [State in EnterableState as `plugin:${State}`]: LifecycleEvent<State> };

/** The events of a host in the form that eventemitter3 wants: name → arguments of a listener. */
export type HostEvents<Code extends string = string> = {
  [Name in keyof EventPayloads<Code>]: [event: EventPayloads<Code>[Name]];
};

/** The name of an event of a host. */
export type HostEventName = keyof EventPayloads;
