import { setMaxListeners } from 'node:events';
import type { ErrorCode } from '../errors/codes.js';
import { type CordonError, cordonError } from '../errors/cordon-error.js';
import type { CallTrace } from '../events/channels.js';
import { quote } from '../log/quote.js';
import type { Job, JobResult } from '../sandbox/job.js';
import type { DoneMessage, Failure } from '../sandbox/protocol.js';
import type { SandboxThread } from '../sandbox/sandbox-thread.js';
import type { QuarantineTrial } from '../violations/quarantine-trial.js';
import type { EncodedInput } from './encode-input.js';
import { keepQuarantine } from './held-plugin.js';
import { callBegan, callEnded, freed } from './plugin-state.js';
import type { PluginUnit } from './plugin-unit.js';
import type { Runtime } from './runtime.js';

/** The call of another plugin that waits for this one. */
export interface ParentCall {
  readonly call: PluginCall | undefined;
  readonly seq: number;
  readonly thread: SandboxThread;
  readonly plugin: string;
}

/** What a call is made of. */
export interface CallRequest {
  readonly fn: string;
  readonly input: EncodedInput;
  readonly timeoutMs: number;
  readonly fuel: number;
  readonly tenant: string;
  readonly priority: number;
  readonly context: unknown;
  readonly signal?: AbortSignal | undefined;
  readonly parent?: ParentCall | undefined;
  /** Where somebody traces. */
  readonly trace?: CallTrace | undefined;
}

/** What a call gives whose guest set no output at all. */
export const NO_OUTPUT = new Uint8Array();

/** One call from its acceptance to its end. It settles its caller exactly once, and then cleans up. */
export class PluginCall implements Job {
  readonly callId: string;
  readonly unit: PluginUnit;
  readonly seq: number;
  readonly fn: string;
  readonly input: Uint8Array | string;
  readonly timeoutMs: number;
  readonly fuel: number;
  readonly tenant: string;
  readonly priority: number;
  readonly queueDeadline: number;
  heldBefore = 0;
  readonly context: unknown;
  readonly parent?: { readonly seq: number; readonly thread: SandboxThread };
  readonly parentCall: PluginCall | undefined;
  readonly trace: CallTrace | undefined;
  /** Names of the plugins that wait for this call, the outermost first, and its own. */
  readonly chain: readonly string[];
  readonly output: Promise<Uint8Array>;
  /** The guest did something that it must not. */
  violated = false;
  /** What a capability threw, with its cause, until the call ends. */
  refusal: unknown;
  readonly #runtime: Runtime;
  readonly #trial: QuarantineTrial | undefined;
  readonly #inputBytes: number;
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort: (() => void) | undefined;
  readonly #queuedAt = performance.now();
  #sentAt: number | undefined;
  #controller: AbortController | undefined;
  #over = false;
  #resolve!: (output: Uint8Array) => void;
  #reject!: (error: CordonError) => void;

  constructor(runtime: Runtime, unit: PluginUnit, request: CallRequest, trial: QuarantineTrial | undefined) {
    this.#runtime = runtime;
    this.#trial = trial;
    this.unit = unit;
    this.callId = runtime.nextCallId();
    this.seq = runtime.sandbox.nextSeq();
    this.fn = request.fn;
    this.input = request.input.value;
    this.#inputBytes = request.input.byteLength;
    this.timeoutMs = request.timeoutMs;
    this.fuel = request.fuel;
    this.tenant = request.tenant;
    this.priority = request.priority;
    this.context = request.context;
    this.queueDeadline = this.#queuedAt + unit.limits.queueTimeoutMs;
    if (request.parent) this.parent = { seq: request.parent.seq, thread: request.parent.thread };
    this.parentCall = request.parent?.call;
    this.trace = request.trace;
    if (this.trace) this.trace.callId = this.callId;
    const above = request.parent ? (request.parent.call?.chain ?? [request.parent.plugin]) : [];
    this.chain = [...above, unit.name];
    this.output = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#signal = request.signal;
    if (this.#signal) {
      this.#onAbort = () => this.abort(this.#signal?.reason);
      // One signal for a thousand calls is no leak: each call takes its listener away again.
      if (this.#signal instanceof EventTarget) setMaxListeners(0, this.#signal);
      this.#signal.addEventListener('abort', this.#onAbort, { once: true });
    }
    unit.stats.enqueued();
    callBegan(unit);
  }

  /** Ends what the call's capabilities are doing when the call is over. */
  get abortSignal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#over) this.#controller.abort();
    return this.#controller.signal;
  }

  onSent = (): void => {
    if (this.#sentAt === undefined) {
      this.unit.stats.dequeued();
      this.unit.stats.began();
    }
    this.#sentAt = performance.now();
    const delayedMs = this.unit.pool.pace.heldMs - this.heldBefore;
    if (delayedMs > 0) this.unit.stats.delayed(delayedMs);
  };

  settle = (result: JobResult): void => {
    if (result.ok) this.#end(result.message, undefined);
    else this.#end(result.message, result.failure);
  };

  /** The caller gave up: it is told now, and the guest is being stopped. */
  abort(reason: unknown): void {
    if (this.#over) return;
    const { name, version } = this.unit;
    // First out of the queue: its end wakes those that wait for room, and nothing is to be started for it then.
    this.unit.pool.cancel(this);
    this.#end(
      undefined,
      {
        code: 'ERR_ABORTED',
        message: `The call of ${quote(this.fn)} of ${name}@${version} was aborted by its caller.`,
      },
      reason,
    );
  }

  #end(message: DoneMessage | undefined, failure: Failure | undefined, cause?: unknown): void {
    // What a guest did in a call that was given up still counts against it.
    if (failure?.violation && !this.#wasShort(failure)) {
      this.#runtime.violate(
        this.unit,
        { kind: failure.violation, message: failure.message, detail: failure.details },
        this,
      );
    }
    if (this.#over) return;
    this.#over = true;
    // A call without a result may still be read by its thread.
    if (message || this.#sentAt === undefined) this.#runtime.inputs.giveBack(this.input);
    if (this.#onAbort) this.#signal?.removeEventListener('abort', this.#onAbort);
    this.#controller?.abort();
    const error = failure && this.#error(failure, cause);
    this.#report(message, failure?.code);
    callEnded(this.unit);
    // Also where more calls wait: for the sake of one that is waited for, an instance may be taken from them.
    this.#runtime.room.wake();
    this.#settleTrial(failure?.code);
    if (error) this.#reject(error);
    else this.#resolve(message?.output ?? NO_OUTPUT);
  }

  /** Another plugin called it, and left it less time than it may take: to run out of that is nothing it has done. */
  #wasShort({ violation }: Failure): boolean {
    return (
      violation === 'timeout' && this.parent !== undefined && this.timeoutMs < this.unit.limits.timeoutMs
    );
  }

  #error(failure: Failure, cause: unknown): CordonError {
    const { name, version } = this.unit;
    return cordonError(failure.code, failure.message, {
      plugin: name,
      version,
      callId: this.callId,
      details: failure.details,
      cause: cause ?? causeOf(this.refusal, failure),
    });
  }

  #report(message: DoneMessage | undefined, code: ErrorCode | undefined): void {
    const { stats, name, version } = this.unit;
    const now = performance.now();
    if (this.#sentAt === undefined) {
      stats.dequeued();
      stats.refused(code ?? 'ERR_STATE');
    }
    const durationMs = message?.figures.durationMs ?? (this.#sentAt === undefined ? 0 : now - this.#sentAt);
    const sample = {
      ok: code === undefined,
      ...(code !== undefined && { code }),
      durationMs,
      queuedMs: Math.max(0, now - this.#queuedAt - durationMs),
      cpuMs: message?.figures.cpuMs ?? 0,
      ...(message?.figures.fuel !== undefined && { fuel: message.figures.fuel }),
      memoryBytes: message?.figures.memoryBytes ?? 0,
      inputBytes: this.#inputBytes,
      outputBytes: message?.output?.byteLength ?? 0,
    };
    if (this.#sentAt !== undefined) stats.ended(sample);
    if (this.trace) this.trace.figures = sample;
    const { emitter } = this.#runtime;
    if (emitter.listenerCount('call') > 0) {
      emitter.emit('call', { callId: this.callId, plugin: name, version, fn: this.fn, ...sample });
    }
  }

  #settleTrial(code: ErrorCode | undefined): void {
    if (!this.#trial) return;
    const inconclusive = this.#sentAt === undefined || code === 'ERR_ABORTED' || code === 'ERR_CLOSED';
    const outcome = this.violated ? 'failed' : inconclusive ? 'inconclusive' : 'passed';
    freed(this.#runtime, this.#trial.settle(outcome), 'its trial call ended without a violation');
    keepQuarantine(this.#runtime, this.unit.name);
  }
}

/** A host function's own error comes back as the cause of the call's, though it never travelled to the guest. */
function causeOf(refusal: unknown, failure: Failure): unknown {
  if (!(refusal instanceof Error) || refusal.message !== failure.message) return undefined;
  return refusal.cause;
}
