import type { Kernel, KernelHost } from '../kernel/kernel.js';
import { ENV_NAMESPACE } from './guest-env.js';
import type { GuestSpec } from './protocol.js';
import type { ThreadServices } from './thread-services.js';

const PAGE = 65_536;

/**
 * A kernel for one instance, with no more functions than the guest imports.
 * @throws RangeError where no address space is left for one more memory
 */
export function takeKernel(spec: GuestSpec, { kernels }: ThreadServices, host: KernelHost): Kernel {
  return kernels.take(
    host,
    1 + Math.floor(spec.limits.memoryBytes / PAGE),
    spec.hostFunctions.some(({ raw }) => raw),
    kernels.kindOf(spec, () => importedOf(spec)),
  );
}

function importedOf({ modules }: GuestSpec): string[] {
  return modules.flatMap(({ module }) =>
    WebAssembly.Module.imports(module as WebAssembly.Module)
      .filter((wanted) => wanted.module === ENV_NAMESPACE)
      .map(({ name }) => name),
  );
}
