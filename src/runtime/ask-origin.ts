import type { GuestCall } from '../bridge/guest-call.js';
import type { CallTrace } from '../events/channels.js';
import type { AskRequest } from '../sandbox/sandbox.js';
import { sharedNow } from '../sandbox/shared-clock.js';
import { type ParentCall, PluginCall } from './plugin-call.js';
import type { PluginUnit } from './plugin-unit.js';

/**
 * The call on whose behalf a guest asks, with what a call of another plugin has to know of it. While an instance starts
 * there is no call; its requests end with the start's deadline.
 */
export class AskOrigin implements GuestCall {
  readonly plugin: string;
  readonly version: string;
  readonly fn: string;
  readonly tenant: string | undefined;
  readonly context: unknown;
  readonly deadline: number;
  readonly host: object;
  readonly trace: CallTrace | undefined;
  readonly parent: ParentCall;
  #signal: AbortSignal | undefined;

  constructor(host: object, unit: PluginUnit, { job, deadline, parent }: AskRequest) {
    const call = job instanceof PluginCall ? job : undefined;
    this.plugin = unit.name;
    this.version = unit.version;
    this.fn = call?.fn ?? 'start-up';
    this.tenant = call?.tenant || undefined;
    this.context = call?.context;
    this.deadline = deadline;
    this.host = host;
    this.trace = call?.trace;
    this.parent = { call, seq: parent.seq, thread: parent.thread, ask: parent.ask, plugin: unit.name };
  }

  get callId(): string | undefined {
    return this.parent.call?.callId;
  }

  /** Made when it is asked for: most answers are there at once. */
  get signal(): AbortSignal {
    this.#signal ??= this.parent.call?.abortSignal ?? signalUntil(this.deadline);
    return this.#signal;
  }
}

/** Whole milliseconds: `AbortSignal.timeout` throws for others. */
function signalUntil(deadline: number): AbortSignal {
  return AbortSignal.timeout(Math.max(1, Math.min(2 ** 31 - 1, Math.ceil(deadline - sharedNow()))));
}
