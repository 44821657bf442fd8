import type { GuestSpec } from './protocol.js';

/** A spec with modules that can be instantiated: to a process they go as bytes. */
export function compiledSpec(spec: GuestSpec): GuestSpec {
  const modules = spec.modules.map(({ module, ...rest }) => ({
    ...rest,
    module: module instanceof Uint8Array ? new WebAssembly.Module(module as Uint8Array<ArrayBuffer>) : module,
  }));
  return { ...spec, modules };
}
