import { setMaxListeners } from 'node:events';
import { performance } from 'node:perf_hooks';
import type { ErrorCode } from '../errors/codes.js';
import { type CordonError, cordonError } from '../errors/cordon-error.js';
import type { CallTrace } from '../events/channels.js';
import { quote } from '../log/quote.js';
import type { CallSample } from '../metrics/call-stats.js';
import type { Job, JobResult, WaitingJob } from '../sandbox/job.js';
import type { DoneMessage, Failure } from '../sandbox/protocol.js';
import type { QuarantineTrial } from '../violations/quarantine-trial.js';
import type { CallPluginOptions, OutputMaker } from './call-plugin.js';
import type { EncodedInput } from './encode-input.js';
import { keepQuarantine } from './held-plugin.js';
import { callBegan, callEnded, freed } from './plugin-state.js';
import type { PluginUnit } from './plugin-unit.js';
import type { Runtime } from './runtime.js';

/** The call of another plugin that waits for this one. */
export interface ParentCall extends WaitingJob {
  readonly call: PluginCall | undefined;
  readonly plugin: string;
}

/** What a call gives whose guest set no output at all. */
export const NO_OUTPUT = new Uint8Array();

/** One call from its acceptance to its end. It settles its caller exactly once, and then cleans up. */
export class PluginCall implements Job {
  readonly unit: PluginUnit;
  readonly seq: number;
  readonly fn: string;
  readonly input: Uint8Array | string;
  readonly timeoutMs: number;
  readonly fuel: number;
  readonly tenant: string;
  readonly priority: number;
  readonly queueTimeoutMs: number;
  readonly queueDeadline: number;
  heldBefore = 0;
  readonly context: unknown;
  readonly parent: ParentCall | undefined;
  readonly trace: CallTrace | undefined;
  /** Resolves to what the output's maker made of it. */
  readonly output: Promise<unknown>;
  /** The guest did something that it must not. */
  violated = false;
  /** What a capability threw, with its cause, until the call ends. */
  refusal: unknown;
  readonly #runtime: Runtime;
  readonly #number: number;
  #callId: string | undefined;
  readonly #trial: QuarantineTrial | undefined;
  readonly #inputBytes: number;
  readonly #makeOutput: OutputMaker<unknown>;
  #signal: AbortSignal | undefined;
  #onAbort: (() => void) | undefined;
  /** By `performance.now()`. */
  readonly queuedAt = performance.now();
  #sentAt: number | undefined;
  #controller: AbortController | undefined;
  /** Calls that its guest makes of other plugins: they end with it. */
  #nested: PluginCall[] | undefined;
  #over = false;
  #resolve!: (output: unknown) => void;
  #reject!: (error: CordonError) => void;

  constructor(
    runtime: Runtime,
    unit: PluginUnit,
    fn: string,
    input: EncodedInput,
    options: CallPluginOptions,
    makeOutput: OutputMaker<unknown>,
    parent: ParentCall | undefined,
    trace: CallTrace | undefined,
    trial: QuarantineTrial | undefined,
  ) {
    const { limits } = unit;
    this.#runtime = runtime;
    this.#trial = trial;
    this.#makeOutput = makeOutput;
    this.unit = unit;
    this.#number = runtime.nextCallNumber();
    this.seq = runtime.sandbox.nextSeq();
    this.fn = fn;
    this.input = input.value;
    this.#inputBytes = input.byteLength;
    this.timeoutMs = Math.min(options.timeoutMs ?? Number.POSITIVE_INFINITY, limits.timeoutMs);
    this.fuel = Math.min(options.fuel ?? Number.POSITIVE_INFINITY, limits.fuel);
    this.tenant = options.tenant ?? '';
    this.priority = options.priority ?? 0;
    this.context = options.context;
    this.queueTimeoutMs = limits.queueTimeoutMs;
    this.queueDeadline = this.queuedAt + limits.queueTimeoutMs;
    this.parent = parent;
    this.trace = trace;
    if (trace) trace.callId = this.callId;
    this.output = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    if (options.signal) this.#listen(options.signal);
    if (options.endsWithParent) parent?.call?.nest(this);
    unit.stats.enqueued();
    callBegan(unit, this.queuedAt);
  }

  /** What events, logs and host functions know it by. Made when it is asked for: nobody hears of most calls. */
  get callId(): string {
    this.#callId ??= `c${this.#number.toString(36)}`;
    return this.#callId;
  }

  /** Names of the plugins that wait for this call, the outermost first, and its own. */
  get chain(): readonly string[] {
    const { parent } = this;
    return parent ? [...(parent.call?.chain ?? [parent.plugin]), this.unit.name] : [this.unit.name];
  }

  /** Ends what the call's capabilities are doing when the call is over. */
  get abortSignal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#over) this.#controller.abort();
    return this.#controller.signal;
  }

  /** Is it over for its caller? Its guest may still run. */
  get isOver(): boolean {
    return this.#over;
  }

  /** A call that its guest makes of another plugin: it ends with this one. */
  nest(call: PluginCall): void {
    this.#nested ??= [];
    this.#nested.push(call);
  }

  unnest(call: PluginCall): void {
    // Nearly always the only one: a guest waits for one at a time.
    const at = this.#nested ? this.#nested.lastIndexOf(call) : -1;
    if (at >= 0) this.#nested!.splice(at, 1);
  }

  onSent(now: number): void {
    const { stats, pool } = this.unit;
    if (this.#sentAt === undefined) {
      stats.dequeued();
      stats.began();
    }
    this.#sentAt = now;
    const delayedMs = pool.pace.heldMs - this.heldBefore;
    if (delayedMs > 0) stats.delayed(delayedMs);
  }

  settle(result: JobResult, now = performance.now()): void {
    if (result.ok) this.#end(now, result.message, undefined);
    else this.#end(now, result.message, result.failure);
  }

  /** The caller gave up: it is told now, and the guest is being stopped. */
  abort(reason: unknown): void {
    if (this.#over) return;
    const { name, version } = this.unit;
    // First out of the queue: its end wakes those that wait for room, and nothing is to be started for it then.
    this.unit.pool.cancel(this);
    this.#end(
      performance.now(),
      undefined,
      {
        code: 'ERR_ABORTED',
        message: `The call of ${quote(this.fn)} of ${name}@${version} was aborted by its caller.`,
      },
      reason,
    );
  }

  #listen(signal: AbortSignal): void {
    this.#signal = signal;
    this.#onAbort = () => this.abort(signal.reason);
    // One signal for a thousand calls is no leak: each call takes its listener away again.
    if (signal instanceof EventTarget) setMaxListeners(0, signal);
    signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  #end(now: number, message: DoneMessage | undefined, failure: Failure | undefined, cause?: unknown): void {
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
    this.parent?.call?.unnest(this);
    this.#endNested();
    const error = failure && this.#error(failure, cause);
    this.#report(message, failure?.code, now);
    callEnded(this.unit, now);
    // Also where more calls wait: for the sake of one that is waited for, an instance may be taken from them.
    this.#runtime.room.wake();
    this.#settleTrial(failure?.code);
    if (error) this.#reject(this.#runtime.redaction.value(error));
    else this.#resolve(this.#makeOutput(message?.output ?? NO_OUTPUT, this.unit.name, this.fn));
  }

  #endNested(): void {
    if (!this.#nested || this.#nested.length === 0) return;
    const reason = new DOMException('The call that made this one is over.', 'AbortError');
    // Each takes itself out.
    for (const call of [...this.#nested]) call.abort(reason);
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

  #report(message: DoneMessage | undefined, code: ErrorCode | undefined, now: number): void {
    const { stats, name, version } = this.unit;
    const sentAt = this.#sentAt;
    if (sentAt === undefined) {
      stats.dequeued();
      stats.refused(code ?? 'ERR_STATE');
    }
    const figures = message?.figures;
    const durationMs = figures ? figures.durationMs : sentAt === undefined ? 0 : now - sentAt;
    const sample = {
      ok: code === undefined,
      code,
      durationMs,
      queuedMs: Math.max(0, now - this.queuedAt - durationMs),
      cpuMs: figures ? figures.cpuMs : 0,
      fuel: figures?.fuel,
      memoryBytes: figures ? figures.memoryBytes : 0,
      inputBytes: this.#inputBytes,
      outputBytes: message?.output ? message.output.byteLength : 0,
    };
    if (sentAt !== undefined) stats.ended(sample);
    const { emitter } = this.#runtime;
    const isHeard = emitter.listenerCount('call') > 0;
    if (!this.trace && !isHeard) return;
    const told = toldFigures(sample);
    if (this.trace) this.trace.figures = told;
    if (isHeard) emitter.emit('call', { callId: this.callId, plugin: name, version, fn: this.fn, ...told });
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

/** As listeners see them: what is not known is not there. */
function toldFigures({ code, fuel, ...figures }: CallSample): Omit<CallSample, 'code' | 'fuel'> & {
  readonly code?: ErrorCode;
  readonly fuel?: number;
} {
  return { ...figures, ...(code !== undefined && { code }), ...(fuel !== undefined && { fuel }) };
}
