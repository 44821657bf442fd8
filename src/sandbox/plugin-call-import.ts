import type { AskingImport } from './asking-import.js';
import type { GuestContext } from './guest-context.js';

const MAX_NAME_BYTES = 1024;

/**
 * `plugin_call(name, fn, input) -> output` of `extism:host/user`: offsets as Extism's; 0 where the other plugin failed.
 */
export function pluginCallImport(guest: GuestContext): AskingImport {
  return {
    params: ['i64', 'i64', 'i64'],
    result: 'i64',
    ask([name, fn, input]) {
      return {
        kind: 'plugin-call',
        plugin: guest.readText(name as bigint, 'plugin_call', MAX_NAME_BYTES),
        fn: guest.readText(fn as bigint, 'plugin_call', MAX_NAME_BYTES),
        input:
          input === 0n
            ? new Uint8Array()
            : guest.readBytes(input as bigint, 'plugin_call', guest.spec.limits.memoryBytes),
      };
    },
    answer: (output) => (output === undefined ? 0n : guest.store(output as Uint8Array)),
  };
}
