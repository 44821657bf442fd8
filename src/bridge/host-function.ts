import { type CordonError, cordonError } from '../errors/cordon-error.js';
import type { HostValueType } from '../sandbox/host-value.js';
import type { RawAnswer, RawAsk } from '../sandbox/protocol.js';
import type { GuestCall } from './guest-call.js';
import { issuesText, type Schema, validate } from './standard-schema.js';

/** How many arguments a host function may take. */
export const MAX_PARAMS = 16;

/** What a host function is told of the call that it serves. */
export interface HostFunctionContext {
  readonly plugin: string;
  readonly version: string;
  /** Absent while an instance starts. */
  readonly callId?: string;
  /** Which export is running; `start-up` while an instance starts. */
  readonly fn: string;
  readonly tenant?: string;
  /** What the caller gave as `context`; never seen by the guest. */
  readonly context: unknown;
  /** Fires when the call ends before the function does: deadline, abort, unload, close. */
  readonly signal: AbortSignal;
  /** When the call has to be over, in milliseconds since the epoch. */
  readonly deadline: number;
}

/** What is known of a parameter or result beyond its type. */
export interface HostValueCheck {
  /** For messages, and for bindings of guests. */
  readonly name?: string;
  /** A value has to fit it; what the schema gives back goes on in its place. */
  readonly schema?: Schema;
}

/** Schemas and names, in the order of the parameters. */
export interface HostFunctionChecks {
  readonly params: readonly HostValueCheck[];
  readonly result: HostValueCheck;
}

/** A function that guests may import. Made by `defineHostFunction`. */
export interface HostFunction {
  readonly kind: 'host-function';
  readonly params: readonly HostValueType[];
  readonly result: HostValueType | 'void';
  /** What it does, in a line. */
  readonly description?: string;
  /** Absent where the types are all that was declared. */
  readonly checks?: HostFunctionChecks;
  readonly handler: (...args: readonly unknown[]) => unknown;
  /** In place of the handler, and of the declared types: works on the guest's blocks itself. */
  readonly raw?: RawHandler;
}

/** Serves a guest that waits; throws what ends its call. */
export type RawHandler = (ask: RawAsk, result: HostValueType | 'void', call: GuestCall) => Promise<RawAnswer>;

/**
 * Runs a host function for a guest: JSON is parsed before and printed after, arguments and result are held against their
 * schemas, and what comes back has to be of the declared type. Gives the value as it crosses to the guest, or a promise of it
 * where the function gave one or there are schemas.
 * @throws ERR_HOST_FUNCTION where an argument is no JSON or does not fit, where the function throws, rejects, or gives
 * what does not fit or is of the wrong type
 */
export function runHostFunction(
  name: string,
  definition: HostFunction,
  args: readonly unknown[],
  context: HostFunctionContext,
): unknown {
  const { params, result, handler, checks } = definition;
  const values: unknown[] = [];
  for (let index = 0; index < params.length; index++) {
    values.push(params[index] === 'json' ? parseJson(name, index, args[index]) : args[index]);
  }
  if (checks) return runChecked(name, definition, checks, values, context);
  let returned: unknown;
  let isLater: boolean;
  try {
    returned = handler(...values, context);
    isLater = isThenable(returned);
  } catch (cause) {
    throw failed(name, cause);
  }
  if (!isLater) return toWire(name, result, returned);
  return later(name, result, returned);
}

async function later(name: string, result: HostFunction['result'], returned: unknown): Promise<unknown> {
  let value: unknown;
  try {
    value = await returned;
  } catch (cause) {
    throw failed(name, cause);
  }
  return toWire(name, result, value);
}

async function runChecked(
  name: string,
  { result, handler }: HostFunction,
  checks: HostFunctionChecks,
  values: unknown[],
  context: HostFunctionContext,
): Promise<unknown> {
  for (const [index, check] of checks.params.entries()) {
    if (!check.schema) continue;
    const called = check.name === undefined ? '' : ` (${JSON.stringify(check.name)})`;
    const what = `Argument ${index + 1}${called} of the host function "${name}"`;
    values[index] = await checked(check.schema, values[index], what, { hostFunction: name, argument: index });
  }
  let returned: unknown;
  try {
    returned = await handler(...values, context);
  } catch (cause) {
    throw failed(name, cause);
  }
  const { schema } = checks.result;
  if (schema) {
    const what = `What the host function "${name}" returned`;
    returned = await checked(schema, returned, what, { hostFunction: name, expected: result });
  }
  return toWire(name, result, returned);
}

async function checked(
  schema: Schema,
  value: unknown,
  what: string,
  details: Readonly<Record<string, unknown>>,
): Promise<unknown> {
  const result = await validate(schema, value).catch((cause: unknown) => {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw cordonError('ERR_HOST_FUNCTION', `${what} could not be checked, as its schema failed: ${why}`, {
      cause,
      details,
    });
  });
  if (!result.issues) return result.value;
  const { issues } = result;
  throw cordonError('ERR_HOST_FUNCTION', `${what} does not fit its contract: ${issuesText(issues)}.`, {
    details: { ...details, issues },
  });
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    value !== null &&
    (typeof value === 'object' || typeof value === 'function') &&
    typeof (value as Partial<PromiseLike<unknown>>).then === 'function'
  );
}

function failed(name: string, cause: unknown): CordonError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return cordonError('ERR_HOST_FUNCTION', `The host function "${name}" failed: ${why}`, {
    cause,
    details: { hostFunction: name },
  });
}

function parseJson(name: string, index: number, text: unknown): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text as string);
  } catch (cause) {
    throw cordonError(
      'ERR_HOST_FUNCTION',
      `Argument ${index + 1} of the host function "${name}" is to be JSON, and the guest sent something else: ${(cause as Error).message}`,
      { cause, details: { hostFunction: name, argument: index } },
    );
  }
}

function toWire(name: string, type: HostValueType | 'void', value: unknown): unknown {
  switch (type) {
    case 'void':
      return undefined;
    case 'text':
      if (value === undefined || value === null) return undefined;
      if (typeof value === 'string') return value;
      break;
    case 'bytes':
      if (value === undefined || value === null) return undefined;
      if (typeof value === 'string') return value;
      // A copy: a view would take its whole buffer along, and one whose buffer is detached cannot be sent.
      if (value instanceof Uint8Array) return new Uint8Array(value);
      if (value instanceof ArrayBuffer) return new Uint8Array(value.slice(0));
      break;
    case 'json':
      return toJson(name, value);
    case 'i64':
      if (typeof value === 'bigint') return value;
      if (Number.isSafeInteger(value)) return BigInt(value as number);
      break;
    default:
      if (typeof value === 'number') return value;
      if (typeof value === 'boolean') return Number(value);
  }
  const found = value === null ? 'null' : Array.isArray(value) ? 'an array' : typeof value;
  throw cordonError(
    'ERR_HOST_FUNCTION',
    `The host function "${name}" returned ${found}; its definition says result: "${type}".`,
    { details: { hostFunction: name, expected: type, found } },
  );
}

function toJson(name: string, value: unknown): string | undefined {
  try {
    return value === undefined ? undefined : JSON.stringify(value);
  } catch (cause) {
    throw cordonError(
      'ERR_HOST_FUNCTION',
      `The host function "${name}" returned something that is not JSON: ${(cause as Error).message}`,
      { cause, details: { hostFunction: name, expected: 'json' } },
    );
  }
}
