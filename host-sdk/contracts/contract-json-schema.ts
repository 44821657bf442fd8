import { z } from 'zod';
import { cordonError } from '../../src/errors/cordon-error.js';
import { deepFreeze } from '../../src/manifest/deep-freeze.js';
import type { PluginDefinition, Schema } from '../plugin-definition.js';

/** The exports of a contract as `exports` of a plugin.json has them. */
export type ContractExports = Readonly<
  Record<
    string,
    {
      readonly input?: Readonly<Record<string, unknown>> | undefined;
      readonly output?: Readonly<Record<string, unknown>> | undefined;
    }
  >
>;

/**
 * The contract of a definition as JSON Schemas (draft 2020-12), by export: for `exports` of a plugin.json, for documentation, and
 * for {@link compareContracts}. Needs zod's schemas.
 * @throws ERR_OPTIONS for a schema of another library, or one that JSON Schema cannot say
 */
export function contractJsonSchema(definition: PluginDefinition): ContractExports {
  const of = (fn: string, side: 'input' | 'output', schema: Schema | undefined) => {
    if (schema === undefined) return {};
    try {
      const { $schema: _, ...json } = z.toJSONSchema(schema as never, { io: side });
      return { [side]: json };
    } catch (cause) {
      throw cordonError(
        'ERR_OPTIONS',
        `contractJsonSchema of ${definition.name}: exports.${fn}.${side} cannot be said as JSON Schema: ${(cause as Error).message}`,
        { cause, details: { export: fn, side } },
      );
    }
  };
  const entries = Object.entries(definition.exports).map(([fn, { input, output }]) => [
    fn,
    { ...of(fn, 'input', input), ...of(fn, 'output', output) },
  ]);
  return deepFreeze(Object.fromEntries(entries) as ContractExports);
}
