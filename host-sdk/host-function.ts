import type { HostFunction, HostFunctionContext } from '../src/bridge/host-function.js';
import { cordonError } from '../src/errors/cordon-error.js';
import { describeFound } from '../src/manifest/problem.js';
import type { HostValueType } from '../src/sandbox/host-value.js';
import { type HostValueSpec, type ParamValues, type ResultValue, readHostValues } from './host-value-spec.js';

export type { HostFunction, HostFunctionContext, HostValueSpec, HostValueType };

/** What a host function takes and gives, without what it does. */
export interface HostFunctionOptions<
  P extends readonly HostValueSpec[] = readonly HostValueSpec[],
  R extends HostValueSpec | 'void' = HostValueSpec | 'void',
> {
  /** What it does, in a line: for documentation and for the bindings of guests. */
  readonly description?: string;
  /**
   * The parameters, at most 16: types, schemas, or both. `text`, `bytes` and `json` are offsets of blocks to the guest. An
   * argument has to fit its schema before the handler is called. Default none.
   */
  readonly params?: P;
  /** Type or schema of the result, which is checked before the guest gets it. Default `'void'`. */
  readonly result?: R;
}

/** A host function without what it does. */
export type HostFunctionShape = Omit<HostFunction, 'handler' | 'raw'>;

const KEYS: readonly string[] = ['description', 'params', 'result'];
const MAX_DESCRIPTION = 1000;

/**
 * Describes a function that guests may import. The handler runs in the application's thread, may be async, and gets
 * the arguments and then the call's context. What it throws, and a value that does not fit its schema, ends that call with
 * `ERR_HOST_FUNCTION` and nothing else; `details` has `hostFunction`, `argument` (from 0) and `issues` with their paths.
 *
 * @example
 * defineHostFunction({ params: ['text'], result: 'bytes' }, (key, ctx) => store.get(key))
 * defineHostFunction({ params: [z.object({ id: z.string() })], result: z.string() }, ({ id }) => titles.get(id) ?? '')
 * @throws ERR_OPTIONS for a wrong type or a handler that is no function
 */
export function defineHostFunction<
  const P extends readonly HostValueSpec[] = readonly [],
  const R extends HostValueSpec | 'void' = 'void',
>(
  options: HostFunctionOptions<P, R>,
  handler: (...args: [...ParamValues<P>, HostFunctionContext]) => ResultValue<R> | Promise<ResultValue<R>>,
): HostFunction {
  const shape = readHostFunction(options, 'defineHostFunction');
  if (typeof handler !== 'function') throw wrong('defineHostFunction', 'the handler', handler, 'a function');
  return Object.freeze({ ...shape, handler: handler as unknown as HostFunction['handler'] });
}

/** Whether something was made by {@link defineHostFunction}, or is what it takes and gives. */
export function isHostFunction(value: unknown): value is HostFunctionShape & Partial<HostFunction> {
  return (
    typeof value === 'object' && value !== null && (value as { kind?: unknown }).kind === 'host-function'
  );
}

/** Reads what a host function takes and gives, and its description. @throws ERR_OPTIONS, with `subject` before the message */
export function readHostFunction(options: unknown, subject: string): HostFunctionShape {
  if (isHostFunction(options)) return withoutHandler(options);
  if (typeof options !== 'object' || options === null)
    throw wrong(subject, 'the first argument', options, 'an object { description, params, result }');
  for (const key of Object.keys(options)) {
    if (!KEYS.includes(key)) throw wrong(subject, `"${key}"`, key, `only ${KEYS.join(', ')}`);
  }
  const { description } = options as { readonly description?: unknown };
  const isLine = typeof description === 'string' && description.length <= MAX_DESCRIPTION;
  if (description !== undefined && !isLine)
    throw wrong(subject, '"description"', description, `a text of at most ${MAX_DESCRIPTION} characters`);
  const { params, result } = readHostValues(options, ({ path, found, expected }) =>
    refused(subject, `"${path}"`, found, expected),
  );
  const checks = { params: params.map(({ check }) => Object.freeze(check)), result: result.check };
  const hasChecks = [...checks.params, checks.result].some((check) => Object.keys(check).length > 0);
  return Object.freeze({
    kind: 'host-function' as const,
    params: Object.freeze(params.map(({ type }) => type as HostValueType)),
    result: result.type,
    ...(description !== undefined && { description: description as string }),
    ...(hasChecks && { checks: Object.freeze({ ...checks, params: Object.freeze(checks.params) }) }),
  });
}

/** The same without what it does. */
export function withoutHandler(given: HostFunctionShape & Partial<HostFunction>): HostFunctionShape {
  const { handler: _handler, raw: _raw, ...shape } = given;
  return Object.freeze(shape);
}

function wrong(subject: string, what: string, found: unknown, expected: string): Error {
  return refused(subject, what, describeFound(found), expected);
}

function refused(subject: string, what: string, found: string, expected: string): Error {
  return cordonError('ERR_OPTIONS', `${subject}: ${what} is wrong: found ${found}, expected ${expected}.`, {
    details: { expected },
  });
}
