/** Whose fault an error is: the plugin's author, the application, the guest while it ran, or Cordon's runtime. */
export type Fault = 'author' | 'host' | 'guest' | 'runtime';

/** The family of an error; each has a class in `cordon-error.ts`. */
export type ErrorFamily =
  | 'options'
  | 'manifest'
  | 'resolution'
  | 'module'
  | 'permission'
  | 'limit'
  | 'guest'
  | 'host-function'
  | 'state';

interface CodeEntry {
  readonly family: ErrorFamily;
  readonly fault: Fault;
  /** One sentence for the reference: when this code is used. */
  readonly when: string;
  /** One sentence for the reference: what to do about it. */
  readonly remedy: string;
}

/** Every error code of Cordon. The reference page and the tests are held against this table. */
export const ERROR_CODES = {
  ERR_OPTIONS: {
    family: 'options',
    fault: 'host',
    when: 'An option of the host, of a call or of a definition has a wrong type, value or name.',
    remedy: 'Correct the option that the message names; it also names the nearest known key.',
  },
  ERR_MANIFEST: {
    family: 'manifest',
    fault: 'author',
    when: 'A plugin.json is missing, is not JSON, does not fit the schema, or disagrees with its module.',
    remedy: 'Correct the path in the manifest that the message names.',
  },
  ERR_NOT_FOUND: {
    family: 'resolution',
    fault: 'host',
    when: 'No catalog source has the plugin, or no plugin of that name is loaded.',
    remedy: 'Check the name and the catalog; the message lists the sources searched.',
  },
  ERR_RESOLUTION: {
    family: 'resolution',
    fault: 'host',
    when: 'No set of versions satisfies everything that is asked for.',
    remedy: 'Read `.explanation`: it ends in what can be changed.',
  },
  ERR_CYCLE: {
    family: 'resolution',
    fault: 'author',
    when: 'Plugins depend on each other in a circle.',
    remedy: 'Break the circle that the message spells out.',
  },
  ERR_ENGINE: {
    family: 'resolution',
    fault: 'host',
    when: 'A plugin needs a version of Cordon or of the host API that this host does not offer.',
    remedy: 'Choose another version of the plugin, or upgrade the host.',
  },
  ERR_INTEGRITY: {
    family: 'module',
    fault: 'author',
    when: 'The bytes of a module do not have the digest that the manifest or the lockfile states.',
    remedy: 'Publish the digest anew if the change was meant; otherwise treat the file as tampered with.',
  },
  ERR_SIGNATURE: {
    family: 'module',
    fault: 'author',
    when: 'A signature is missing where one is required, is wrong, is over other files, or was made by a key that does not count; or the module is revoked. `details.reason` says which.',
    remedy:
      'Sign the plugin with a trusted key, or change `validation.signatures`; otherwise treat the files as tampered with.',
  },
  ERR_BYTECODE: {
    family: 'module',
    fault: 'author',
    when: 'The bytes are not a valid WebAssembly module, or exceed a structural limit.',
    remedy: 'Rebuild the module; the message has the byte offset.',
  },
  ERR_FEATURE: {
    family: 'module',
    fault: 'author',
    when: 'The module uses a WebAssembly feature that the host does not allow.',
    remedy: 'Build without the feature, or add it to `validation.features`.',
  },
  ERR_MODULE_TOO_LARGE: {
    family: 'limit',
    fault: 'author',
    when: 'The module is larger than `validation.maxModuleBytes`.',
    remedy: 'Shrink the module, or raise `validation.maxModuleBytes`.',
  },
  ERR_IMPORT: {
    family: 'module',
    fault: 'author',
    when: 'The module imports something that nobody provides, or with another type.',
    remedy: 'Register the host function that the message names, or build the guest without the import.',
  },
  ERR_PERMISSION: {
    family: 'permission',
    fault: 'guest',
    when: 'The plugin asked for something that its manifest does not list or the host did not grant.',
    remedy: 'The message says which side refused: extend the manifest, or the host’s `grants`.',
  },
  ERR_NO_EXPORT: {
    family: 'guest',
    fault: 'host',
    when: 'The plugin has no function of that name.',
    remedy: 'Call one of the exports that the message lists.',
  },
  ERR_TIMEOUT: {
    family: 'limit',
    fault: 'guest',
    when: 'A call, a start or a wait in the queue took longer than its limit.',
    remedy: 'Raise the limit that the message names, or make the guest faster.',
  },
  ERR_FUEL: {
    family: 'limit',
    fault: 'guest',
    when: 'A call executed more instructions than its `fuel`.',
    remedy: 'Raise `limits.fuel`, or give the guest less to do.',
  },
  ERR_CPU: {
    family: 'limit',
    fault: 'guest',
    when: 'A call used more processor time than `cpuMs`.',
    remedy: 'Raise `limits.cpuMs`, or make the guest faster.',
  },
  ERR_MEMORY: {
    family: 'limit',
    fault: 'guest',
    when: 'A module declares more memory than `memoryBytes`, or a call failed after its memory was refused.',
    remedy: 'Raise `limits.memoryBytes`, or let the guest use less.',
  },
  ERR_STACK: {
    family: 'limit',
    fault: 'guest',
    when: 'The guest exhausted its call stack.',
    remedy: 'Look for endless recursion in the guest, or raise `limits.stackBytes`.',
  },
  ERR_TRAP: {
    family: 'guest',
    fault: 'guest',
    when: 'The guest trapped: unreachable code, an address out of bounds, a division by zero, an exit.',
    remedy: 'Debug the guest; `details` has the kind of the trap and the WebAssembly stack.',
  },
  ERR_GUEST: {
    family: 'guest',
    fault: 'guest',
    when: 'The guest reported an error of its own.',
    remedy: 'The message is the guest’s; see the plugin’s documentation.',
  },
  ERR_HOST_FUNCTION: {
    family: 'host-function',
    fault: 'host',
    when: 'A host function threw, rejected, or was given or returned something of the wrong type.',
    remedy: 'See `cause` for what the host function threw.',
  },
  ERR_INPUT: {
    family: 'limit',
    fault: 'host',
    when: 'The input of a call cannot be sent, does not fit its schema, or is larger than `inputBytes`.',
    remedy: 'Send less, or raise `limits.inputBytes`.',
  },
  ERR_OUTPUT: {
    family: 'limit',
    fault: 'guest',
    when: 'The output of a call is larger than `outputBytes`, or does not fit its schema.',
    remedy: 'Raise `limits.outputBytes`, or correct the guest.',
  },
  ERR_ABORTED: {
    family: 'state',
    fault: 'host',
    when: 'The caller’s AbortSignal fired.',
    remedy: 'Nothing: this is what the caller asked for. `cause` is the reason of the signal.',
  },
  ERR_BUSY: {
    family: 'limit',
    fault: 'host',
    when: 'A queue or a budget of the host is full.',
    remedy: 'Try again later, or raise the budget that the message names.',
  },
  ERR_REENTRANT: {
    family: 'state',
    fault: 'author',
    when: 'A chain of plugin calls came back to a plugin that is waiting for it, or became too deep.',
    remedy: 'Break the circle that the message spells out.',
  },
  ERR_QUARANTINED: {
    family: 'permission',
    fault: 'guest',
    when: 'The plugin is in quarantine after too many violations.',
    remedy: 'Look at its violations, then `host.release(name)`, or load another version.',
  },
  ERR_PLUGIN_IN_USE: {
    family: 'state',
    fault: 'host',
    when: 'A plugin cannot be unloaded while another loaded plugin depends on it.',
    remedy: 'Unload the dependents first, or pass `cascade: true`.',
  },
  ERR_STATE: {
    family: 'state',
    fault: 'runtime',
    when: 'The plugin is in a state in which this cannot be done.',
    remedy: 'The message names the state and what it would have to be.',
  },
  ERR_CLOSED: {
    family: 'state',
    fault: 'host',
    when: 'The host, or the plugin, was closed.',
    remedy: 'Create a new host, or load the plugin again.',
  },
} as const satisfies Record<string, CodeEntry>;

/** The stable code of a {@link CordonError}. */
export type ErrorCode = keyof typeof ERROR_CODES;
