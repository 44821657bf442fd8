import { linkable } from '../kernel/kernel.js';
import type { GuestContext } from './guest-context.js';

const MAX_NAME_BYTES = 1024;

/**
 * `plugin_call(name, fn, input) -> output` of `extism:host/user`: offsets as Extism's; 0 where the other plugin failed.
 */
export function pluginCallImport(guest: GuestContext): CallableFunction {
  return linkable((name: bigint, fn: bigint, input: bigint): bigint => {
    const output = guest.ask({
      kind: 'plugin-call',
      plugin: guest.readText(name, 'plugin_call', MAX_NAME_BYTES),
      fn: guest.readText(fn, 'plugin_call', MAX_NAME_BYTES),
      input:
        input === 0n
          ? new Uint8Array()
          : guest.readBytes(input, 'plugin_call', guest.spec.limits.memoryBytes),
    });
    return output === undefined ? 0n : guest.store(output as Uint8Array);
  });
}
