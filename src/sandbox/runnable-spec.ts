import type { GuestSpec } from './protocol.js';
import { QuotaUse } from './wasi/quota-use.js';

/** A spec as its host sent it, with modules that can be instantiated, and for each mount with a quota a count that its instances share. */
export function runnableSpec(spec: GuestSpec): GuestSpec {
  const modules = spec.modules.map(({ module, ...rest }) => ({
    ...rest,
    module: module instanceof Uint8Array ? new WebAssembly.Module(module as Uint8Array<ArrayBuffer>) : module,
  }));
  // None has come along from another process: there all instances of the plugin are in this one thread.
  const mounts = spec.wasi?.mounts.map((mount) =>
    mount.quotaBytes === undefined || mount.quotaUse
      ? mount
      : { ...mount, quotaUse: new SharedArrayBuffer(QuotaUse.BYTES) },
  );
  return { ...spec, modules, ...(mounts && { wasi: { ...spec.wasi!, mounts } }) };
}
