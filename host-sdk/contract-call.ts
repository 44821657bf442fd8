import { issuesText, type Schema, validate } from '../src/bridge/standard-schema.js';
import { cordonError } from '../src/errors/cordon-error.js';
import { isJsonSchemaContract } from './contracts/json-schema.js';
import { wireType } from './contracts/wire-type.js';
import { Output } from './output.js';
import type { ExportContract } from './plugin-definition.js';

/** Checks a value against a schema. @throws the given code with every issue and its path */
export async function checkValue(
  schema: Schema,
  value: unknown,
  code: 'ERR_INPUT' | 'ERR_OUTPUT',
  what: string,
  plugin?: string,
): Promise<unknown> {
  const result = await validate(schema, value);
  if (!result.issues) return result.value;
  const { issues } = result;
  throw cordonError(code, `The ${what} does not fit its contract: ${issuesText(issues)}.`, {
    plugin,
    details: { issues },
  });
}

/** The input as it is sent: checked, and then text, bytes or JSON. */
export async function checkInput(
  contract: ExportContract,
  plugin: string,
  fn: string,
  value: unknown,
): Promise<unknown> {
  const { input: schema } = contract;
  if (!schema) return value;
  const what = `input of ${JSON.stringify(fn)} of ${plugin}`;
  const checked = await checkValue(schema, value, 'ERR_INPUT', what, plugin);
  // A text among other values would be sent as it is, and a guest that reads JSON could not read it.
  const isJson = isJsonSchemaContract(schema) && wireType(schema, 'input') === 'json';
  return isJson && typeof checked === 'string' ? JSON.stringify(checked) : checked;
}

/** The output as the contract has it: text, bytes or JSON, whichever the schema is about, and checked. */
export async function checkOutput(
  contract: ExportContract,
  plugin: string,
  fn: string,
  bytes: Uint8Array,
): Promise<unknown> {
  const output = new Output(bytes, `${JSON.stringify(fn)} of ${plugin}`);
  const { output: schema } = contract;
  if (!schema) return output;
  return checkValue(
    schema,
    readOutput(schema, output),
    'ERR_OUTPUT',
    `output of ${JSON.stringify(fn)} of ${plugin}`,
    plugin,
  );
}

/** A schema of text wants text and one of bytes wants bytes; anything else is JSON. */
export function readOutput(schema: Schema, output: Output): unknown {
  if (isJsonSchemaContract(schema)) return output[wireType(schema, 'output')]();
  const type = (schema as { def?: { type?: unknown } }).def?.type;
  if (type === 'string' || type === 'template_literal') return output.text();
  if (type === 'custom') {
    const result = schema['~standard'].validate(output.bytes());
    if (!(result instanceof Promise) && !result.issues) return output.bytes();
  }
  try {
    return output.json();
  } catch {
    return output.text();
  }
}
