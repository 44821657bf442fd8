import { isKernel64, Kernel, type KernelHost } from './kernel.js';
import { type KernelKind, KernelKinds } from './kernel-kinds.js';

/** Kernels that a thread keeps for guests to come. */
const MAX_KEPT = 64;

/**
 * The kernels of one thread. A kernel costs a memory of its own and an instantiation, a third of what a fresh instance
 * takes; so those of guests that are gone are wiped and handed to others.
 */
export class KernelPool {
  readonly #kinds: KernelKinds;
  /** Of guests, by whatever stands for one: its imports are read once. */
  readonly #kindOf = new WeakMap<object, KernelKind>();
  /** By their module, and by the pages that they may grow to. */
  readonly #kept = new Map<WebAssembly.Module, Map<number, Kernel[]>>();
  #count = 0;

  constructor(module: WebAssembly.Module) {
    this.#kinds = new KernelKinds(module);
  }

  /** The kind of kernel with what the guest imports. */
  kindOf(guest: object, imported: () => Iterable<string>): KernelKind {
    let kind = this.#kindOf.get(guest);
    if (!kind) {
      kind = this.#kinds.for(imported());
      this.#kindOf.set(guest, kind);
    }
    return kind;
  }

  /** Have its kernels memories of 64 bits? Those that are shared have not. */
  get is64(): boolean {
    return isKernel64(this.#kinds.full.module);
  }

  /**
   * A kernel with nothing in it.
   *
   * @param isShared whether the host's thread looks into its memory while the guest waits: then it is nobody else's, ever
   * @param kind default: with all functions
   * @throws RangeError where no address space is left for one more memory
   */
  take(host: KernelHost, maxPages: number, isShared = false, kind: KernelKind = this.#kinds.full): Kernel {
    if (isShared) return new Kernel(kind.shared(), host, maxPages, true, kind.functions);
    const kept = this.#kept.get(kind.module)?.get(maxPages);
    const kernel = kept?.pop();
    if (!kernel) return new Kernel(kind.module, host, maxPages, false, kind.functions);
    this.#count--;
    if (kept!.length === 0) this.#kept.get(kind.module)!.delete(maxPages);
    kernel.serve(host);
    return kernel;
  }

  /** Takes back the kernel of a guest that never runs again. */
  give(kernel: Kernel): void {
    if (!kernel.wipe() || this.#count >= MAX_KEPT) return;
    this.#count++;
    let ofModule = this.#kept.get(kernel.module);
    if (!ofModule) {
      ofModule = new Map();
      this.#kept.set(kernel.module, ofModule);
    }
    const kept = ofModule.get(kernel.maxPages);
    if (kept) kept.push(kernel);
    else ofModule.set(kernel.maxPages, [kernel]);
  }
}
