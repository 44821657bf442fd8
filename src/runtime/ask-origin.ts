import type { GuestCall } from '../bridge/guest-call.js';
import type { AskRequest } from '../sandbox/sandbox.js';
import { sharedNow } from '../sandbox/shared-clock.js';
import { type ParentCall, PluginCall } from './plugin-call.js';
import type { PluginUnit } from './plugin-unit.js';

/** The call on whose behalf a guest asks, with what a call of another plugin has to know of it. */
export interface AskOrigin extends GuestCall {
  readonly parent: ParentCall;
}

/** Who asks. While an instance starts there is no call; its requests end with the start's deadline. */
export function askOrigin(host: object, unit: PluginUnit, { job, deadline, parent }: AskRequest): AskOrigin {
  const call = job instanceof PluginCall ? job : undefined;
  return {
    plugin: unit.name,
    version: unit.version,
    callId: call?.callId,
    fn: call?.fn ?? 'start-up',
    tenant: call?.tenant || undefined,
    context: call?.context,
    signal: call?.abortSignal ?? signalUntil(deadline),
    deadline,
    host,
    trace: call?.trace,
    parent: { call, seq: parent.seq, thread: parent.thread, plugin: unit.name },
  };
}

/** Whole milliseconds: `AbortSignal.timeout` throws for others. */
function signalUntil(deadline: number): AbortSignal {
  return AbortSignal.timeout(Math.max(1, Math.min(2 ** 31 - 1, Math.ceil(deadline - sharedNow()))));
}
