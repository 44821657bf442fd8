import { z } from 'zod';
import type { HostValueCheck } from '../../src/bridge/host-function.js';
import type { Schema } from '../../src/bridge/standard-schema.js';
import { cordonError } from '../../src/errors/cordon-error.js';
import { deepFreeze } from '../../src/manifest/deep-freeze.js';
import type { HostValueType } from '../../src/sandbox/host-value.js';
import { type HostFunctionOptions, type HostFunctionShape, readHostFunction } from '../host-function.js';
import type { PluginDefinition } from '../plugin-definition.js';
import { isJsonSchemaContract } from './json-schema.js';

type Json = Readonly<Record<string, unknown>>;

/** The exports of a contract as `exports` of a plugin.json has them. */
export type ContractExports = Readonly<
  Record<string, { readonly input?: Json | undefined; readonly output?: Json | undefined }>
>;

/** A parameter or result as `imports` of a plugin.json has it. */
export interface ContractValue {
  readonly name?: string | undefined;
  readonly type?: HostValueType | undefined;
  readonly schema?: Json | undefined;
}

/** Host functions as `imports` of a plugin.json has them. */
export type ContractImports = Readonly<
  Record<
    string,
    {
      readonly description?: string | undefined;
      readonly namespace?: string | undefined;
      readonly params?: readonly (HostValueType | ContractValue)[] | undefined;
      readonly result?: HostValueType | 'void' | ContractValue | undefined;
    }
  >
>;

/**
 * The contract of a definition as JSON Schemas (draft 2020-12), by export: for `exports` of a plugin.json, for documentation, and
 * for {@link compareContracts}. Needs zod's schemas, or those of `jsonSchema`.
 * @throws ERR_OPTIONS for a schema of another library, or one that JSON Schema cannot say
 */
export function contractJsonSchema(definition: PluginDefinition): ContractExports {
  const subject = `contractJsonSchema of ${definition.name}`;
  const of = (fn: string, side: 'input' | 'output', schema: Schema | undefined) =>
    schema === undefined ? {} : { [side]: toJsonSchema(schema, side, subject, `exports.${fn}.${side}`) };
  const entries = Object.entries(definition.exports).map(([fn, { input, output }]) => [
    fn,
    { ...of(fn, 'input', input), ...of(fn, 'output', output) },
  ]);
  return deepFreeze(Object.fromEntries(entries) as ContractExports);
}

/**
 * Host functions as JSON, for `imports` of the plugin.json of those who call them, for documentation, for bindings of guests
 * (`cordon types --guest`) and for {@link compareContracts}: functions made by `defineHostFunction`, their options, or `imports`
 * of a definition.
 *
 * @example
 * await writeFile('host-functions.json', JSON.stringify({ hostFunctions: hostFunctionsJsonSchema(hostFunctions) }, undefined, 2));
 * @throws ERR_OPTIONS for what is no host function, a schema of another library, or one that JSON Schema cannot say
 */
export function hostFunctionsJsonSchema(
  functions: Readonly<Record<string, HostFunctionShape | HostFunctionOptions>>,
): ContractImports {
  const subject = 'hostFunctionsJsonSchema';
  if (typeof functions !== 'object' || functions === null) {
    const found = functions === null ? 'null' : typeof functions;
    throw cordonError('ERR_OPTIONS', `${subject} was given ${found}; expected an object of host functions.`);
  }
  const value = (type: HostValueType, check: HostValueCheck, side: 'input' | 'output', path: string) => {
    const { name, schema } = check;
    if (name === undefined && schema === undefined) return type;
    return {
      ...(name !== undefined && { name }),
      type,
      ...(schema !== undefined && { schema: toJsonSchema(schema, side, subject, path) }),
    };
  };
  const entries = Object.entries(functions).map(([fn, given]) => {
    const { params, result, description, checks } = readHostFunction(given, `${subject}: ${fn}`);
    const entry: ContractImports[string] = {
      ...(description !== undefined && { description }),
      params: params.map((type, i) => value(type, checks?.params[i] ?? {}, 'input', `${fn}.params[${i}]`)),
      ...(result !== 'void' && {
        result: value(result, checks?.result ?? {}, 'output', `${fn}.result`),
      }),
    };
    return [fn, entry];
  });
  return deepFreeze(Object.fromEntries(entries) as ContractImports);
}

function toJsonSchema(schema: Schema, io: 'input' | 'output', subject: string, path: string): Json {
  if (isJsonSchemaContract(schema)) return schema.jsonSchema;
  try {
    const { $schema: _, ...json } = z.toJSONSchema(schema as never, { io });
    return json;
  } catch (cause) {
    throw cordonError(
      'ERR_OPTIONS',
      `${subject}: ${path} cannot be said as JSON Schema: ${(cause as Error).message}`,
      { cause, details: { path } },
    );
  }
}
