import type { GuestCall } from '../bridge/guest-call.js';
import type { AskRequest } from '../sandbox/sandbox.js';
import { type ParentCall, PluginCall } from './plugin-call.js';
import type { PluginUnit } from './plugin-unit.js';

/** The call on whose behalf a guest asks, with what a call of another plugin has to know of it. */
export interface AskOrigin extends GuestCall {
  readonly parent: ParentCall;
}

/** Who asks. While an instance starts there is no call; its requests end with the start's deadline. */
export function askOrigin(unit: PluginUnit, { job, deadline, parent }: AskRequest): AskOrigin {
  const call = job instanceof PluginCall ? job : undefined;
  const leftMs = Math.ceil(Math.max(1, Math.min(2 ** 31 - 1, deadline - Date.now())));
  return {
    plugin: unit.name,
    version: unit.version,
    callId: call?.callId,
    fn: call?.fn ?? 'start-up',
    tenant: call?.tenant || undefined,
    context: call?.context,
    signal: call?.abortSignal ?? AbortSignal.timeout(leftMs),
    deadline,
    parent: { call, seq: parent.seq, thread: parent.thread, plugin: unit.name },
  };
}
