import type { GuestSpec, SandboxLimits } from './protocol.js';
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
  return {
    ...spec,
    modules,
    limits: sameLimits(spec.limits),
    ...(mounts && { wasi: { ...spec.wasi!, mounts } }),
  };
}

let last: SandboxLimits | undefined;

/** Most plugins of a host have the same limits, and each came with a copy of its own. */
function sameLimits(limits: SandboxLimits): SandboxLimits {
  const keys = Object.keys(limits) as (keyof SandboxLimits)[];
  const isSame =
    last !== undefined &&
    keys.length === Object.keys(last).length &&
    keys.every((key) => last![key] === limits[key]);
  if (!isSame) last = Object.freeze(limits);
  return last!;
}
