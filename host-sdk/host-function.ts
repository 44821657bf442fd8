import { type HostFunction, type HostFunctionContext, MAX_PARAMS } from '../src/bridge/host-function.js';
import { cordonError } from '../src/errors/cordon-error.js';
import type { HostValueType } from '../src/sandbox/host-value.js';

export type { HostFunction, HostFunctionContext, HostValueType };

/** How a parameter or result looks to the application. */
export interface HostValues {
  text: string;
  bytes: Uint8Array;
  json: unknown;
  i32: number;
  i64: bigint;
  f32: number;
  f64: number;
}

type ParamValues<P extends readonly HostValueType[]> = { [I in keyof P]: HostValues[P[I]] };

/** What a handler may return for a declared result. */
export type ResultValue<R extends HostValueType | 'void'> =
  | (R extends 'void'
      ? unknown
      : R extends 'bytes'
        ? Uint8Array | ArrayBuffer | string | null | undefined
        : R extends 'text'
          ? string | null | undefined
          : R extends 'i64'
            ? bigint | number
            : R extends 'json'
              ? unknown
              : number | boolean)
  | never;

export interface HostFunctionOptions<P extends readonly HostValueType[], R extends HostValueType | 'void'> {
  /** Types of the parameters, at most 16. `text`, `bytes` and `json` are offsets of blocks to the guest. Default none. */
  readonly params?: P;
  /** Type of the result. Default `'void'`. */
  readonly result?: R;
}

const TYPES: readonly string[] = ['text', 'bytes', 'json', 'i32', 'i64', 'f32', 'f64'];

/**
 * Describes a function that guests may import. The handler runs in the application's thread, may be async, and gets
 * the arguments and then the call's context. What it throws ends that call with `ERR_HOST_FUNCTION` and nothing else.
 *
 * @example
 * defineHostFunction({ params: ['text'], result: 'bytes' }, (key, ctx) => store.get(key))
 * @throws ERR_OPTIONS for a wrong type or a handler that is no function
 */
export function defineHostFunction<
  const P extends readonly HostValueType[] = readonly [],
  const R extends HostValueType | 'void' = 'void',
>(
  options: HostFunctionOptions<P, R>,
  handler: (...args: [...ParamValues<P>, HostFunctionContext]) => ResultValue<R> | Promise<ResultValue<R>>,
): HostFunction {
  const given = options as { params?: unknown; result?: unknown } | undefined;
  if (typeof given !== 'object' || given === null)
    throw wrong('the first argument', given, 'an object { params, result }');
  for (const key of Object.keys(given)) {
    if (key !== 'params' && key !== 'result') throw wrong(`"${key}"`, key, 'only "params" and "result"');
  }
  const { params = [], result = 'void' } = given;
  if (!Array.isArray(params) || params.length > MAX_PARAMS) {
    throw wrong('"params"', params, `a list of at most ${MAX_PARAMS} types`);
  }
  for (const [index, type] of params.entries()) {
    if (!TYPES.includes(type)) throw wrong(`"params[${index}]"`, type, `one of ${TYPES.join(', ')}`);
  }
  if (result !== 'void' && !TYPES.includes(result as string)) {
    throw wrong('"result"', result, `one of ${TYPES.join(', ')}, void`);
  }
  if (typeof handler !== 'function') throw wrong('the handler', handler, 'a function');
  return Object.freeze({
    kind: 'host-function' as const,
    params: Object.freeze([...params]) as readonly HostValueType[],
    result: result as HostValueType | 'void',
    handler: handler as unknown as HostFunction['handler'],
  });
}

function wrong(what: string, found: unknown, expected: string): Error {
  const shown = typeof found === 'string' ? JSON.stringify(found) : found === null ? 'null' : typeof found;
  return cordonError(
    'ERR_OPTIONS',
    `defineHostFunction: ${what} is wrong: found ${shown}, expected ${expected}.`,
    { details: { expected } },
  );
}
