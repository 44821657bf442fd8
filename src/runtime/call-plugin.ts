import type { GuestCall } from '../bridge/guest-call.js';
import type { ErrorCode } from '../errors/codes.js';
import { CordonError, cordonError } from '../errors/cordon-error.js';
import { CALL_CHANNEL, type CallTrace, traced } from '../events/channels.js';
import { quote, quoteAll } from '../log/quote.js';
import { ownValue } from '../manifest/own-value.js';
import { explainRefusal } from '../policy/grants.js';
import { sharedNow } from '../sandbox/shared-clock.js';
import type { PluginAudit } from './audit.js';
import { encodeInput, ownInput } from './encode-input.js';
import { type ParentCall, PluginCall } from './plugin-call.js';
import type { PluginUnit } from './plugin-unit.js';
import type { Runtime } from './runtime.js';

/** Options of one call; what is absent comes from the plugin's limits. */
export interface CallPluginOptions {
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly context?: unknown;
  readonly fuel?: number | undefined;
  readonly tenant?: string | undefined;
  readonly priority?: number | undefined;
  /** Is it given up when the call is over that makes it? */
  readonly endsWithParent?: boolean;
}

/** How deep plugins may call each other. */
const MAX_DEPTH = 16;

/** What a call gives to its caller, made of the bytes of its output. They may lie in memory that they share: see `ByteSlab`. */
export type OutputMaker<T> = (output: Uint8Array, plugin: string, fn: string) => T;

/** Leaves them as they are, for who reads them and keeps nothing of them. */
export const asBytes: OutputMaker<Uint8Array> = (output) => output;

/** The way of a call: state → size → admission → the instance's queue. Rejects, and never throws. */
export function callPlugin(
  runtime: Runtime,
  unit: PluginUnit,
  fn: string,
  input: unknown,
  options: CallPluginOptions = {},
  parent?: ParentCall,
): Promise<Uint8Array> {
  return callPluginAs(runtime, unit, fn, input, options, asBytes, parent);
}

/** The same for a caller that wants something else than bytes: one promise for both, where each more would cost. */
export function callPluginAs<T>(
  runtime: Runtime,
  unit: PluginUnit,
  fn: string,
  input: unknown,
  options: CallPluginOptions,
  output: OutputMaker<T>,
  parent?: ParentCall,
): Promise<T> {
  if (!CALL_CHANNEL.hasSubscribers) return place(runtime, unit, fn, input, options, output, parent);
  return traced(
    CALL_CHANNEL,
    () => ({
      ...{ host: runtime.emitter, plugin: unit.name, version: unit.version, fn, tenant: options.tenant },
      ...{ isExport: unit.exports.has(fn), caller: parent?.call?.trace },
    }),
    (trace) => place(runtime, unit, fn, input, options, output, parent, trace),
  );
}

function place<T>(
  runtime: Runtime,
  unit: PluginUnit,
  fn: string,
  input: unknown,
  options: CallPluginOptions,
  output: OutputMaker<T>,
  parent?: ParentCall,
  trace?: CallTrace,
): Promise<T> {
  try {
    checkState(runtime, unit);
    checkExport(unit, fn);
    checkFuel(runtime, unit, fn, options.fuel);
    if (options.signal?.aborted) throw aborted(unit, fn, options.signal);
    const { inputBytes } = unit.limits;
    const encoded =
      parent?.ask !== undefined && input instanceof Uint8Array
        ? ownInput(input, runtime.inputs, inputBytes)
        : encodeInput(unit.name, fn, input, runtime.inputs, inputBytes);
    checkInput(unit, fn, encoded.byteLength);
    checkRoom(runtime, unit, fn);
    checkStart(unit);
    const trial = runtime.quarantine.admit(unit.name);
    const call = new PluginCall(runtime, unit, fn, encoded, options, output, parent, trace, trial);
    unit.pool.submit(call, call.queuedAt);
    return call.output as Promise<T>;
  } catch (error) {
    const refused = runtime.redaction.value(error as CordonError);
    if (refused.callId === undefined && refused.code !== undefined) unit.stats.refused(refused.code);
    return Promise.reject(refused);
  }
}

/**
 * A plugin calls another: along its grants, within its own time, never in a circle. Undefined, offset 0 to the guest,
 * where the other one failed.
 *
 * @throws also at once, where it may not
 */
export function callFromPlugin(
  runtime: Runtime,
  from: PluginUnit,
  target: string,
  fn: string,
  input: Uint8Array,
  by: GuestCall,
  parent: ParentCall,
  audit?: PluginAudit,
): Promise<Uint8Array | undefined> {
  const name = ownValue(from.links, target) ?? target;
  const granted = from.grant.plugins.includes(target) || from.grant.plugins.includes(name);
  if (!granted && !audit) {
    const { message } = explainRefusal(from.grant, 'plugins', target);
    throw refused(from, by, `${from.name} may not call plugin ${quote(target)}: ${message}.`, target);
  }
  const unit = runtime.units.get(name);
  if (!unit) {
    throw cordonError('ERR_NOT_FOUND', `${from.name} calls plugin ${quote(target)}, which is not loaded.`, {
      plugin: from.name,
      version: from.version,
    });
  }
  if (audit && !Object.hasOwn(from.links, target)) audit.calledPlugin(target, granted, by);
  if (!mayCall(name, parent)) throw reentrant(from, name, parent.call?.chain ?? [from.name]);
  if (input.byteLength > unit.limits.inputBytes) {
    const detail = { limit: unit.limits.inputBytes, observed: input.byteLength, to: name };
    runtime.violate(
      from,
      {
        kind: 'input-size',
        message: `${from.name} sent ${name} an input larger than its inputBytes.`,
        detail,
      },
      parent.call,
    );
  }
  const options = {
    timeoutMs: Math.max(0, by.deadline - sharedNow()),
    // Rather than by a signal, which would be the larger part of a short call.
    endsWithParent: true,
    signal: parent.call && !parent.call.isOver ? undefined : by.signal,
    context: by.context,
    tenant: by.tenant,
    priority: parent.call?.priority,
  };
  return callPlugin(runtime, unit, fn, input, options, parent).catch((error: unknown) => {
    if (!(error instanceof CordonError) || !OTHERS_FAULTS.has(error.code) || isOver(parent, by)) throw error;
    warnUnanswered(from, by, parent, error);
    return undefined;
  });
}

/** It is none of those that wait, the innermost first, nor are these too many. */
function mayCall(name: string, innermost: ParentCall): boolean {
  let depth = 0;
  for (let waiting: ParentCall | undefined = innermost; waiting; waiting = waiting.call?.parent) {
    if (waiting.plugin === name || ++depth === MAX_DEPTH) return false;
  }
  return true;
}

function isOver({ call }: ParentCall, by: GuestCall): boolean {
  return call ? call.isOver : by.signal.aborted;
}

/** Told of one call; a guest that asks in a loop must not fill the host's log. */
const MAX_WARNINGS = 16;
/** How many were told of a call, or of the starts of a plugin. */
const warnings = new WeakMap<object, number>();

function warnUnanswered(from: PluginUnit, by: GuestCall, parent: ParentCall, error: CordonError): void {
  const key = parent.call ?? from;
  const told = (warnings.get(key) ?? 0) + 1;
  if (told > MAX_WARNINGS) return;
  warnings.set(key, told);
  const rest = told === MAX_WARNINGS ? ' More of this call are not told.' : '';
  from.logger.warn(
    { callId: by.callId, err: error },
    `plugin_call of ${from.name} got no answer: ${error.message}${rest}`,
  );
}

/** What another plugin did wrong costs the one that called it an answer, and neither its call nor its state. */
const OTHERS_FAULTS: ReadonlySet<ErrorCode> = new Set([
  'ERR_TRAP',
  'ERR_GUEST',
  'ERR_TIMEOUT',
  'ERR_FUEL',
  'ERR_CPU',
  'ERR_MEMORY',
  'ERR_STACK',
  'ERR_OUTPUT',
  'ERR_BUSY',
]);

function checkState(runtime: Runtime, unit: PluginUnit): void {
  const about = { plugin: unit.name, version: unit.version };
  if (runtime.state !== 'open') {
    throw cordonError(
      'ERR_CLOSED',
      `The host is ${runtime.state}; ${unit.name} takes no calls any more.`,
      about,
    );
  }
  const { state } = unit.lifecycle;
  if (state === 'unloaded') {
    throw cordonError('ERR_CLOSED', `${unit.name}@${unit.version} was unloaded. Load it again.`, about);
  }
  if (state === 'draining' || state === 'resolved') {
    throw cordonError(
      'ERR_STATE',
      `${unit.name}@${unit.version} is ${state} and takes no calls; it would have to be ready, running or idle.`,
      { ...about, details: { state } },
    );
  }
}

/** A plugin that did not start again and again is not asked to for every call. */
function checkStart(unit: PluginUnit): void {
  const refusal = unit.lifecycle.state === 'failed' ? unit.pool.startRefusal : undefined;
  if (!refusal) return;
  const { name: plugin, version } = unit;
  throw cordonError(refusal.code, refusal.message, { plugin, version, details: refusal.details });
}

function checkExport(unit: PluginUnit, fn: string): void {
  if (unit.exports.has(fn)) return;
  const known = [...unit.exports];
  throw cordonError(
    'ERR_NO_EXPORT',
    `${unit.name}@${unit.version} has no function ${quote(fn)} that can be called. Its functions: ${quoteAll(known)}.`,
    { plugin: unit.name, version: unit.version, details: { exports: known } },
  );
}

function checkFuel(runtime: Runtime, unit: PluginUnit, fn: string, fuel: number | undefined): void {
  if (fuel === undefined || fuel === Number.POSITIVE_INFINITY || runtime.options.metering) return;
  throw cordonError(
    'ERR_OPTIONS',
    `The call of ${quote(fn)} of ${unit.name} has fuel: ${fuel}, and its host has metering: false, which counts no instructions. Leave it out, or make the host with metering.`,
    { plugin: unit.name, version: unit.version, details: { fuel } },
  );
}

function checkInput(unit: PluginUnit, fn: string, byteLength: number): void {
  const limit = unit.limits.inputBytes;
  if (byteLength <= limit) return;
  throw cordonError(
    'ERR_INPUT',
    `The input of ${quote(fn)} of ${unit.name} has ${byteLength} bytes; limits.inputBytes is ${limit}.`,
    { plugin: unit.name, version: unit.version, details: { limit, observed: byteLength } },
  );
}

function checkRoom(runtime: Runtime, unit: PluginUnit, fn: string): void {
  const { queuedCalls } = runtime.options.budget;
  const waiting = runtime.stats.queued;
  // Where there is room to run, nobody has to wait.
  if (waiting < queuedCalls || runtime.sandbox.capacity.used < runtime.options.budget.concurrentCalls) return;
  throw cordonError(
    'ERR_BUSY',
    `${quote(fn)} of ${unit.name} was refused: ${waiting} calls wait already; budget.queuedCalls is ${queuedCalls}.`,
    { plugin: unit.name, version: unit.version, details: { limit: queuedCalls, observed: waiting } },
  );
}

function aborted(unit: PluginUnit, fn: string, signal: AbortSignal): CordonError {
  return cordonError('ERR_ABORTED', `The call of ${quote(fn)} of ${unit.name} was aborted before it began.`, {
    plugin: unit.name,
    version: unit.version,
    cause: signal.reason,
  });
}

function refused(from: PluginUnit, by: GuestCall, message: string, target: string): CordonError {
  return cordonError('ERR_PERMISSION', message, {
    plugin: from.name,
    version: from.version,
    callId: by.callId,
    details: { target, violation: 'plugin-call' },
  });
}

function reentrant(from: PluginUnit, name: string, chain: readonly string[]): CordonError {
  return cordonError(
    'ERR_REENTRANT',
    `${from.name} cannot call ${name}: ${[...chain, name].join(' -> ')} comes back to a plugin that waits, or is deeper than ${MAX_DEPTH}.`,
    { plugin: from.name, version: from.version, details: { chain: [...chain, name] } },
  );
}
