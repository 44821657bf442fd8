import { isKernel64, Kernel, type KernelHost, sharedKernel } from './kernel.js';

/** Kernels that a thread keeps for guests to come. */
const MAX_KEPT = 64;

/**
 * The kernels of one thread. A kernel costs a memory of its own and an instantiation, a third of what a fresh instance
 * takes; so those of guests that are gone are wiped and handed to others.
 */
export class KernelPool {
  readonly module: WebAssembly.Module;
  /** By the pages that they may grow to. */
  readonly #kept = new Map<number, Kernel[]>();
  #count = 0;

  constructor(module: WebAssembly.Module) {
    this.module = module;
  }

  /** Have its kernels memories of 64 bits? Those that are shared have not. */
  get is64(): boolean {
    return isKernel64(this.module);
  }

  /**
   * A kernel with nothing in it.
   *
   * @param isShared whether the host's thread looks into its memory while the guest waits: then it is nobody else's, ever
   * @throws RangeError where no address space is left for one more memory
   */
  take(host: KernelHost, maxPages: number, isShared = false): Kernel {
    if (isShared) return new Kernel(sharedKernel(), host, maxPages);
    const kept = this.#kept.get(maxPages);
    const kernel = kept?.pop();
    if (!kernel) return new Kernel(this.module, host, maxPages);
    this.#count--;
    if (kept!.length === 0) this.#kept.delete(maxPages);
    kernel.serve(host);
    return kernel;
  }

  /** Takes back the kernel of a guest that never runs again. */
  give(kernel: Kernel): void {
    if (!kernel.wipe() || this.#count >= MAX_KEPT) return;
    this.#count++;
    const kept = this.#kept.get(kernel.maxPages);
    if (kept) kept.push(kernel);
    else this.#kept.set(kernel.maxPages, [kernel]);
  }
}
