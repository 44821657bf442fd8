import type { GuestSpec } from './protocol.js';

/** A spec with modules that can be instantiated. */
export function compiledSpec(spec: GuestSpec): GuestSpec {
  const modules = spec.modules.map(({ module, ...rest }) => ({
    ...rest,
    module: module instanceof Uint8Array ? new WebAssembly.Module(module as Uint8Array<ArrayBuffer>) : module,
  }));
  return { ...spec, modules };
}
