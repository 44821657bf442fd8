import { cordonError } from '../src/errors/cordon-error.js';
import { Output } from './output.js';
import type { ExportContract, Schema } from './plugin-definition.js';

/** Checks a value against a schema. @throws the given code with every issue and its path */
export async function checkValue(
  schema: Schema,
  value: unknown,
  code: 'ERR_INPUT' | 'ERR_OUTPUT',
  what: string,
  plugin?: string,
): Promise<unknown> {
  const result = await schema['~standard'].validate(value);
  if (!result.issues) return result.value;
  const issues = result.issues.map(({ message, path = [] }) => {
    const at = path.map((step) => String((step as { key?: unknown })?.key ?? step)).join('.');
    return at === '' ? message : `${at}: ${message}`;
  });
  throw cordonError(code, `The ${what} does not fit its contract: ${issues.join('; ')}.`, {
    plugin,
    details: { issues },
  });
}

/** The input as it is sent: checked, and then text, bytes or JSON. */
export function checkInput(
  contract: ExportContract,
  plugin: string,
  fn: string,
  value: unknown,
): Promise<unknown> {
  if (!contract.input) return Promise.resolve(value);
  return checkValue(
    contract.input,
    value,
    'ERR_INPUT',
    `input of ${JSON.stringify(fn)} of ${plugin}`,
    plugin,
  );
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
