import { sharedNow } from '../sandbox/shared-clock.js';
import type { GuestCall } from './guest-call.js';
import type { HostFunctionContext } from './host-function.js';

/** A call as host functions are told of it. Field by field: what else it carries is Cordon's own. */
export class ToldCall implements HostFunctionContext {
  readonly plugin: string;
  readonly version: string;
  readonly fn: string;
  readonly context: unknown;
  readonly deadline: number;
  declare readonly callId?: string;
  declare readonly tenant?: string;
  readonly #call: GuestCall;

  constructor(call: GuestCall) {
    this.plugin = call.plugin;
    this.version = call.version;
    this.fn = call.fn;
    this.context = call.context;
    this.deadline = byTheWallClock(call.deadline);
    if (call.callId !== undefined) this.callId = call.callId;
    if (call.tenant !== undefined) this.tenant = call.tenant;
    this.#call = call;
  }

  /** Made when it is asked for: most functions are done at once. */
  get signal(): AbortSignal {
    return this.#call.signal;
  }
}

/** The sandbox's clock begins with the process, and the wall clock is set now and then: over months they go apart. */
function byTheWallClock(deadline: number): number {
  return Date.now() + (deadline - sharedNow());
}
