import type { SharedBudget } from './shared-budget.js';

const PAGE = 65_536;

/** What did not let a guest have more memory. */
export interface MemoryRefusal {
  readonly name: 'limits.memoryBytes' | 'budget.memoryBytes';
  /** In bytes. */
  readonly limit: number;
}

/**
 * What one instance has of memory: its linear memories and its blocks, held to its own limit and to what is left of the
 * host's budget. What it begins with was admitted by the host.
 */
export class GuestMemory {
  /** What leaves no room where nothing else does. */
  readonly ownLimit: MemoryRefusal;
  readonly #budget: SharedBudget | undefined;
  /** Of the guest's own memories. */
  #guestPages: number;
  /** Of the budget. */
  #taken: number;
  #released = false;

  constructor(limit: number, guestPages: number, budget: SharedBudget | undefined) {
    this.ownLimit = { name: 'limits.memoryBytes', limit };
    this.#budget = budget;
    this.#guestPages = this.#taken = guestPages;
    budget?.admitted(guestPages);
  }

  /** The kernel's first page is Cordon's own and does not count. */
  used(kernelBytes: number): number {
    return this.#guestPages * PAGE + kernelBytes - PAGE;
  }

  /** Lets it have so many pages more, in a memory of the guest's own or in blocks; or says what does not. */
  grow(pages: number, isGuests: boolean, kernelBytes: number): MemoryRefusal | undefined {
    if (this.used(kernelBytes) + pages * PAGE > this.ownLimit.limit) return this.ownLimit;
    if (this.#budget && !this.#budget.take(pages)) {
      return { name: 'budget.memoryBytes', limit: this.#budget.limit * PAGE };
    }
    this.#taken += pages;
    if (isGuests) this.#guestPages += pages;
    return undefined;
  }

  /** The instance is no more. False where that was said before. */
  release(): boolean {
    if (this.#released) return false;
    this.#budget?.give(this.#taken);
    this.#released = true;
    return true;
  }
}
