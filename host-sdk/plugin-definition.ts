import type { HostFunction } from '../src/bridge/host-function.js';
import { isSchema, type Schema } from '../src/bridge/standard-schema.js';
import { cordonError } from '../src/errors/cordon-error.js';
import { nearestName } from '../src/errors/nearest-name.js';
import { checkSpec } from '../src/resolver/spec.js';
import { type HostFunctionOptions, type HostFunctionShape, readHostFunction } from './host-function.js';

/** One export of a plugin as the application expects it. */
export interface ExportContract {
  /** Checked before the call. Default: anything. */
  readonly input?: Schema;
  /** Checked after the call. Default: the call gives an `Output`. */
  readonly output?: Schema;
}

/** Host functions that a plugin calls: what they take and give, or functions made by `defineHostFunction`. */
export type ImportContracts = Readonly<Record<string, HostFunctionOptions | HostFunction>>;

/** What {@link definePlugin} takes. */
export interface PluginContract<E extends Readonly<Record<string, ExportContract>>> {
  readonly name: string;
  /** Range of versions that the contract holds for. Default: any. */
  readonly version?: string;
  readonly exports: E;
  /** Host functions that it calls, by name. A load is refused where the host has them otherwise. Default: none are known. */
  readonly imports?: ImportContracts;
}

/** A plugin with a typed contract, to be given to `host.load`. */
export interface PluginDefinition<
  E extends Readonly<Record<string, ExportContract>> = Readonly<Record<string, ExportContract>>,
> {
  readonly kind: 'plugin-definition';
  readonly name: string;
  readonly version: string;
  readonly exports: E;
  readonly imports: Readonly<Record<string, HostFunctionShape>>;
}

/**
 * Describes a plugin as the application uses it: `host.load(definition)` then gives a handle whose `call` is typed and
 * checked on both sides.
 *
 * `imports` says which host functions the plugin calls; the contract of each is held by `defineHostFunction`.
 *
 * @example
 * const markdown = definePlugin({ name: '@acme/markdown', version: '^1.2', exports: { render: { input: z.string(), output: z.string() } } });
 * @throws ERR_OPTIONS
 */
export function definePlugin<const E extends Readonly<Record<string, ExportContract>>>(
  contract: PluginContract<E>,
): PluginDefinition<E> {
  if (typeof contract !== 'object' || contract === null)
    throw wrong('a plugin', 'the whole', 'an object { name, version, exports, imports }');
  const { name, version = '*', exports, imports = {} } = contract;
  if (typeof name !== 'string') throw wrong('a plugin', 'name', 'a text such as "@acme/markdown"');
  if (typeof version !== 'string') throw wrong(name, 'version', 'a range such as "^1.2.0"');
  checkSpec({ name, range: version });
  checkKeys(name, '', contract, ['name', 'version', 'exports', 'imports']);
  if (typeof exports !== 'object' || exports === null || Array.isArray(exports))
    throw wrong(name, 'exports', 'an object of exports');
  for (const [fn, sides] of Object.entries(exports)) {
    if (typeof sides !== 'object' || sides === null)
      throw wrong(name, `exports.${fn}`, 'an object { input, output }');
    checkKeys(name, `exports.${fn}.`, sides, ['input', 'output']);
    for (const side of ['input', 'output'] as const) {
      const schema = sides?.[side];
      if (schema !== undefined && !isSchema(schema)) {
        throw wrong(name, `exports.${fn}.${side}`, 'a zod schema (or another Standard Schema)');
      }
    }
  }
  return Object.freeze({
    kind: 'plugin-definition' as const,
    name,
    version,
    exports: Object.freeze({ ...exports }),
    imports: readImports(name, imports),
  });
}

function readImports(name: string, imports: ImportContracts): Readonly<Record<string, HostFunctionShape>> {
  if (typeof imports !== 'object' || imports === null)
    throw wrong(name, 'imports', 'an object of host functions');
  const shapes = Object.entries(imports).map(([fn, given]): [string, HostFunctionShape] => [
    fn,
    readHostFunction(given, `definePlugin of ${name}: imports.${fn}`),
  ]);
  return Object.freeze(Object.fromEntries(shapes));
}

/** A slip of the keyboard would leave a side unchecked. */
function checkKeys(name: string, path: string, given: object, known: readonly string[]): void {
  const unknown = Object.keys(given).find((key) => !known.includes(key));
  if (unknown === undefined) return;
  const nearest = nearestName(unknown, known);
  const expected = nearest === undefined ? `only ${known.join(', ')}` : `"${nearest}"; this key is unknown`;
  throw wrong(name, `${path}${unknown}`, expected);
}

function wrong(name: string, path: string, expected: string): Error {
  return cordonError('ERR_OPTIONS', `definePlugin of ${name}: "${path}" is wrong: expected ${expected}.`, {
    details: { path, expected },
  });
}
