import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { noAddressesFailure } from './failures.js';
import { MAPPED_MEMORIES } from './mappings.js';
import type { Failure, GuestSpec } from './protocol.js';
import { type SharedBudget, SharedBudgets } from './shared-budget.js';
import { canSuspend } from './suspend-gate.js';

/** Memories of guests: V8 sets 8 GiB of addresses aside for each, however small it is (10 on Node 20), and 16 for one of 64 bits. */
const MOST_MEMORIES = canSuspend ? 14_000 : 10_000;

/**
 * A memory counts five. A kernel's may be one that takes no more addresses than it may grow to (see `small-memories.ts`), but
 * a process has room for so many mappings too, and each memory takes two: such a one counts two, and where it may grow beyond
 * that, one for each 1.6 GiB.
 */
const MEMORY = 5;
const SMALL_MEMORY = 2;
const UNIT_BYTES = (8 * 2 ** 30) / MEMORY;

/** More than these have no room where each has two memories with all of their addresses. */
export const FEW_INSTANCES = MOST_MEMORIES / 2;

/**
 * What the memories of this process's guests may take of its addresses, in all threads and hosts, those included that are not
 * collected yet: a process has 128 TiB. Where they are used up, threads end, and Node 26 the process (measured: at 16 300
 * memories, and 12 990 on Node 20).
 */
export const guestMemories = new SharedBudgets(
  Math.floor(Math.min(MEMORY * MOST_MEMORIES, ((MEMORY + SMALL_MEMORY) / 2) * MAPPED_MEMORIES)),
);

/** Fewer are not worth a collection. */
const LEAST = 256 * MEMORY;

/** Of so many instances that are gone one is watched, which is cheaper than each: V8 collects them together. */
const BATCH = 32;

/** What a thread's instances have of addresses. V8 does not know that they are scarce, and collects what is left of instances late. */
export class AddressSpace {
  readonly #budget: SharedBudget;
  readonly #hasSmallKernels: boolean;
  /** Of instances that are gone: how many memories a batch of them had. */
  readonly #left = new Set<{ readonly count: number }>();
  #garbage = 0;
  /** Of the last few, which are not among those yet. */
  #batch = 0;
  #batched = 0;
  readonly #collected = new FinalizationRegistry<{ readonly count: number }>((one) => {
    if (this.#left.delete(one)) this.#give(one.count);
  });

  /** @param hasSmallKernels whether the memories of its kernels take addresses for their pages only */
  constructor(budget: SharedBudget, hasSmallKernels = false) {
    this.#budget = budget;
    this.#hasSmallKernels = hasSmallKernels;
  }

  /** For an instance that begins; a failure where none are left. */
  take(spec: GuestSpec): Failure | undefined {
    const count = this.#countOf(spec);
    this.#collectFrom(1);
    if (this.#budget.take(count)) return undefined;
    if (this.#garbage > 0) this.#collect();
    return this.#budget.take(count) ? undefined : noAddressesFailure(spec);
  }

  /** This instance is gone. What it had is free when it was collected. */
  give(instance: object, spec: GuestSpec): void {
    const count = this.#countOf(spec);
    this.#garbage += count;
    this.#batch += count;
    if (++this.#batched < BATCH) return;
    const left = { count: this.#batch };
    this.#left.add(left);
    this.#collected.register(instance, left);
    this.#batch = this.#batched = 0;
  }

  /** There is nothing to do at present, and perhaps not for long: what other threads need is not kept here. */
  idle(): void {
    this.#collectFrom(2);
  }

  /** Collects, where what instances left behind, so many times, is more than what is still free. */
  #collectFrom(times: number): void {
    const { limit, used } = this.#budget;
    if (this.#garbage >= LEAST && this.#garbage * times > limit - used) this.#collect();
  }

  #collect(): void {
    collectGarbage();
    this.#left.clear();
    this.#batch = this.#batched = 0;
    this.#give(this.#garbage);
  }

  /** With the kernel's. That of a guest whose host's thread looks into it is a memory like others. */
  #countOf({ memories = 1, hostFunctions, limits }: GuestSpec): number {
    const isSmall = this.#hasSmallKernels && !hostFunctions.some(({ raw }) => raw);
    const kernel = isSmall ? Math.max(SMALL_MEMORY, Math.ceil(limits.memoryBytes / UNIT_BYTES)) : MEMORY;
    return Math.max(1, memories) * MEMORY + kernel;
  }

  #give(count: number): void {
    this.#garbage -= count;
    this.#budget.give(count);
  }
}

let collector: (() => void) | undefined;

/** V8 offers it to new contexts alone, while the flag is set: the application's never see it. */
function collectGarbage(): void {
  if (!collector) {
    setFlagsFromString('--expose-gc');
    collector = runInNewContext('gc') as () => void;
    setFlagsFromString('--no-expose-gc');
  }
  collector();
}
