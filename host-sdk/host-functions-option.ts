import { z } from 'zod';
import type { HostFunction } from '../src/bridge/host-function.js';
import { HOST_FUNCTION_NAMESPACE } from '../src/manifest/imports-schema.js';
import { isHostFunction } from './host-function.js';

/** Host functions by name, or by namespace and name; both may stand side by side. */
export type HostFunctionsInput = Readonly<
  Record<string, HostFunction | Readonly<Record<string, HostFunction>>>
>;
/** Host functions by namespace and name. */
export type ResolvedHostFunctions = Readonly<Record<string, Readonly<Record<string, HostFunction>>>>;

/** Where functions without a namespace go. */
export const USER_NAMESPACE = HOST_FUNCTION_NAMESPACE;

const EXPECTED = 'a host function made by defineHostFunction';
const NAME_EXPECTED = 'a name of printable ASCII characters without spaces, at most 256';
const NAME = /^(?!__proto__$)[!-~]{1,256}$/;
/** Cordon's own, or no plugin could trust what it imports from there. */
const TAKEN: ReadonlySet<string> = new Set(['extism:host/env', 'wasi_snapshot_preview1', 'wasi_unstable']);

/** The option `hostFunctions`: definitions are recognised by their `kind` and handed on as they are. */
export const hostFunctionsSchema = z
  .custom<HostFunctionsInput>(
    (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
    {
      error: 'an object of host functions by name',
    },
  )
  .transform((input, context): ResolvedHostFunctions => {
    const namespaces = new Map<string, Map<string, HostFunction>>();
    const refuse = (path: PropertyKey[], message: string): void => {
      context.addIssue({ code: 'custom', path, message });
    };
    const add = (namespace: string, name: string, value: HostFunction, path: PropertyKey[]): void => {
      const functions = namespaces.get(namespace) ?? new Map<string, HostFunction>();
      if (!NAME.test(name)) refuse(path, NAME_EXPECTED);
      else if (functions.has(name)) refuse(path, `one function of this name in "${namespace}"`);
      else if (namespace === USER_NAMESPACE && name === 'plugin_call')
        refuse(path, "another name; plugin_call is Cordon's");
      namespaces.set(namespace, functions.set(name, value));
    };
    for (const [key, value] of Object.entries(input)) {
      if (isComplete(value)) {
        add(USER_NAMESPACE, key, value, [key]);
        continue;
      }
      if (typeof value !== 'object' || value === null || Array.isArray(value) || isHostFunction(value)) {
        refuse([key], `${EXPECTED}, or a namespace: an object of such functions`);
        continue;
      }
      if (!NAME.test(key)) refuse([key], NAME_EXPECTED);
      if (TAKEN.has(key)) refuse([key], "another namespace; this one is Cordon's");
      for (const [name, inner] of Object.entries(value)) {
        if (isComplete(inner)) add(key, name, inner, [key, name]);
        else refuse([key, name], EXPECTED);
      }
    }
    return byNamespace(namespaces);
  });

function isComplete(value: unknown): value is HostFunction {
  return isHostFunction(value) && typeof value.handler === 'function';
}

function byNamespace(namespaces: Map<string, Map<string, HostFunction>>): ResolvedHostFunctions {
  const shallow = (entries: Iterable<readonly [string, unknown]>) =>
    Object.freeze(Object.assign(Object.create(null), Object.fromEntries(entries)));
  return shallow([...namespaces].map(([namespace, functions]) => [namespace, shallow(functions)]));
}
