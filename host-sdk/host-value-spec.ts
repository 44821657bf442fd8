import { type HostValueCheck, MAX_PARAMS } from '../src/bridge/host-function.js';
import { isSchema, type Schema, type SchemaInput, type SchemaOutput } from '../src/bridge/standard-schema.js';
import { describeFound } from '../src/manifest/problem.js';
import type { HostValueType } from '../src/sandbox/host-value.js';
import { wireType } from './contracts/wire-type.js';

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

/**
 * A parameter or result of a host function: its type; a schema, which makes it text, bytes or JSON by what the schema is
 * about; or both, with a name for messages and for the bindings of guests.
 */
export type HostValueSpec =
  | HostValueType
  | Schema
  | { readonly name?: string; readonly type: HostValueType; readonly schema?: Schema }
  | { readonly name?: string; readonly type?: undefined; readonly schema: Schema };

/** What a handler gets for a parameter. */
export type ParamValue<P> = P extends HostValueType
  ? HostValues[P]
  : P extends Schema
    ? SchemaOutput<P>
    : P extends { readonly schema: infer S extends Schema }
      ? SchemaOutput<S>
      : P extends { readonly type: infer T extends HostValueType }
        ? HostValues[T]
        : never;

export type ParamValues<P extends readonly HostValueSpec[]> = { [I in keyof P]: ParamValue<P[I]> };

/** What a handler may return for a declared result. */
export type ResultValue<R> = R extends 'void'
  ? unknown
  : R extends HostValueType
    ? TypedResult<R>
    : R extends Schema
      ? SchemaInput<R>
      : R extends { readonly schema: infer S extends Schema }
        ? SchemaInput<S>
        : R extends { readonly type: infer T extends HostValueType }
          ? TypedResult<T>
          : never;

type TypedResult<T extends HostValueType> = T extends 'bytes'
  ? Uint8Array | ArrayBuffer | string | null | undefined
  : T extends 'text'
    ? string | null | undefined
    : T extends 'i64'
      ? bigint | number
      : T extends 'json'
        ? unknown
        : number | boolean;

/** A spec read: the type that crosses to the guest, and what else is known. */
export interface ReadHostValue {
  readonly type: HostValueType | 'void';
  readonly check: HostValueCheck;
}

/** Where in the options something is wrong. */
export interface SpecProblem {
  readonly path: string;
  readonly found: string;
  readonly expected: string;
}

const TYPES: readonly string[] = ['text', 'bytes', 'json', 'i32', 'i64', 'f32', 'f64'];
const PARAM_NAME = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/;
const SPEC = `one of ${TYPES.join(', ')}, a schema, or an object { name, type, schema }`;

/** Reads `params` and `result` of a host function or of its contract; calls `refuse` for the first thing that is wrong. */
export function readHostValues(
  given: { readonly params?: unknown; readonly result?: unknown },
  refuse: (problem: SpecProblem) => Error,
): { readonly params: readonly ReadHostValue[]; readonly result: ReadHostValue } {
  const { params = [], result = 'void' } = given;
  if (!Array.isArray(params) || params.length > MAX_PARAMS) {
    throw refuse({
      path: 'params',
      found: describeFound(params),
      expected: `a list of at most ${MAX_PARAMS} types`,
    });
  }
  const read = params.map((one, index) => readHostValue(one, `params[${index}]`, 'input', refuse));
  const twice = read.find(
    ({ check }, index) =>
      check.name !== undefined && read.findIndex((other) => other.check.name === check.name) < index,
  );
  if (twice) {
    throw refuse({
      path: 'params',
      found: `two parameters ${JSON.stringify(twice.check.name)}`,
      expected: 'different names',
    });
  }
  if (result === 'void') return { params: read, result: { type: 'void', check: {} } };
  return { params: read, result: readHostValue(result, 'result', 'output', refuse) };
}

function readHostValue(
  given: unknown,
  path: string,
  side: 'input' | 'output',
  refuse: (problem: SpecProblem) => Error,
): ReadHostValue {
  const wrong = (at: string, found: unknown, expected: string): Error =>
    refuse({ path: at, found: describeFound(found), expected });
  if (typeof given === 'string' && TYPES.includes(given)) return { type: given as HostValueType, check: {} };
  if (isSchema(given)) return { type: wireType(given, side), check: { schema: given } };
  const expected = path === 'result' ? `${SPEC}, or void` : SPEC;
  if (typeof given !== 'object' || given === null || Array.isArray(given)) throw wrong(path, given, expected);
  const { name, type, schema, ...rest } = given as Readonly<Record<string, unknown>>;
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) throw wrong(path, unknown, 'only "name", "type" and "schema"');
  if (name !== undefined && (typeof name !== 'string' || !PARAM_NAME.test(name))) {
    throw wrong(`${path}.name`, name, 'a name of letters, digits and "_", such as "key"');
  }
  if (schema !== undefined && !isSchema(schema)) {
    throw wrong(`${path}.schema`, schema, 'a zod schema (or another Standard Schema)');
  }
  if (type !== undefined && !TYPES.includes(type as string)) {
    throw wrong(`${path}.type`, type, `one of ${TYPES.join(', ')}`);
  }
  if (type === undefined && schema === undefined) throw wrong(path, given, `${SPEC} with one of both`);
  return {
    type: (type as HostValueType | undefined) ?? wireType(schema as Schema, side),
    check: { ...(name !== undefined && { name }), ...(schema !== undefined && { schema }) },
  };
}
