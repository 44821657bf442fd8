import { cordonError } from '../src/errors/cordon-error.js';
import { checkSpec } from '../src/resolver/spec.js';

/** A schema by the Standard Schema interface (https://standardschema.dev), which zod's schemas have. */
export interface Schema<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

/** What a schema says about a value. */
export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | {
      readonly issues: readonly {
        readonly message: string;
        readonly path?: readonly unknown[] | undefined;
      }[];
    };

/** What goes into a schema, and what comes out of it. */
export type SchemaInput<S> = S extends Schema<infer I, unknown> ? I : unknown;
export type SchemaOutput<S> = S extends Schema<infer _I, infer O> ? O : unknown;

/** One export of a plugin as the application expects it. */
export interface ExportContract {
  /** Checked before the call. Default: anything. */
  readonly input?: Schema;
  /** Checked after the call. Default: the call gives an `Output`. */
  readonly output?: Schema;
}

/** What {@link definePlugin} takes. */
export interface PluginContract<E extends Readonly<Record<string, ExportContract>>> {
  readonly name: string;
  /** Range of versions that the contract holds for. Default: any. */
  readonly version?: string;
  readonly exports: E;
}

/** A plugin with a typed contract, to be given to `host.load`. */
export interface PluginDefinition<
  E extends Readonly<Record<string, ExportContract>> = Readonly<Record<string, ExportContract>>,
> {
  readonly kind: 'plugin-definition';
  readonly name: string;
  readonly version: string;
  readonly exports: E;
}

/**
 * Describes a plugin as the application uses it: `host.load(definition)` then gives a handle whose `call` is typed and
 * checked on both sides.
 *
 * @example
 * const markdown = definePlugin({ name: '@acme/markdown', version: '^1.2', exports: { render: { input: z.string(), output: z.string() } } });
 * @throws ERR_OPTIONS
 */
export function definePlugin<const E extends Readonly<Record<string, ExportContract>>>(
  contract: PluginContract<E>,
): PluginDefinition<E> {
  const { name, version = '*', exports } = contract;
  checkSpec({ name, range: version });
  if (typeof exports !== 'object' || exports === null) throw wrong(name, 'exports', 'an object of exports');
  for (const [fn, sides] of Object.entries(exports)) {
    for (const side of ['input', 'output'] as const) {
      const schema = sides?.[side];
      if (schema !== undefined && typeof schema['~standard']?.validate !== 'function') {
        throw wrong(name, `exports.${fn}.${side}`, 'a zod schema (or another Standard Schema)');
      }
    }
  }
  return Object.freeze({
    kind: 'plugin-definition' as const,
    name,
    version,
    exports: Object.freeze({ ...exports }),
  });
}

function wrong(name: string, path: string, expected: string): Error {
  return cordonError('ERR_OPTIONS', `definePlugin of ${name}: "${path}" is wrong: expected ${expected}.`, {
    details: { path, expected },
  });
}
