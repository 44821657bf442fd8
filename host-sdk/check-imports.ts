import { cordonError } from '../src/errors/cordon-error.js';
import { nearestName } from '../src/errors/nearest-name.js';
import { quote } from '../src/log/quote.js';
import type { HostFunctionShape } from './host-function.js';
import { type ResolvedHostFunctions, USER_NAMESPACE } from './host-functions-option.js';
import type { PluginDefinition } from './plugin-definition.js';

/**
 * Holds the host functions that a definition says its plugin calls against those that the host has.
 * @throws ERR_OPTIONS for one that is not there, or takes or gives other types
 */
export function checkImports({ name, imports }: PluginDefinition, functions: ResolvedHostFunctions): void {
  for (const [fn, wanted] of Object.entries(imports)) {
    const found = find(functions, fn);
    if (found === undefined) {
      const near = nearestName(fn, Object.keys(functions[USER_NAMESPACE] ?? {}));
      const other = near === undefined ? '' : ` (this host has ${quote(near)})`;
      throw refused(name, fn, `there is none of this name${other}. Give it in the option hostFunctions`);
    }
    const [expected, actual] = [typesOf(wanted), typesOf(found)];
    if (expected !== actual) throw refused(name, fn, `as ${expected}, and this host has ${actual}`);
  }
}

function find(functions: ResolvedHostFunctions, name: string): HostFunctionShape | undefined {
  for (const namespace of new Set([USER_NAMESPACE, ...Object.keys(functions)])) {
    const found = functions[namespace]?.[name];
    if (found !== undefined && !found.raw) return found;
  }
  return undefined;
}

function typesOf({ params, result }: HostFunctionShape): string {
  return `(${params.join(', ')}) -> ${result}`;
}

function refused(name: string, fn: string, why: string): Error {
  return cordonError(
    'ERR_OPTIONS',
    `The definition of ${name} calls the host function ${quote(fn)}: ${why}.`,
    {
      plugin: name,
      details: { hostFunction: fn },
    },
  );
}
