import { ownValue } from '../../src/manifest/own-value.js';
import type { Runtime } from '../../src/runtime/runtime.js';
import type { ExtensionHost } from './extension-host.js';

/** A runtime as its extension points see it. */
export function extensionHost(
  runtime: Runtime,
  assertOpen: () => void,
  { call }: Pick<ExtensionHost, 'call'>,
): ExtensionHost {
  const { plugins } = runtime.options;
  return {
    call,
    assertOpen,
    units: () => [...runtime.units.values()],
    unit: (name) => runtime.units.get(name),
    policies: (name) => ({
      own: ownValue(plugins, name)?.failurePolicy,
      all: ownValue(plugins, '*')?.failurePolicy,
    }),
    warn: (message, about) => runtime.warn('extension', message, about),
  };
}
