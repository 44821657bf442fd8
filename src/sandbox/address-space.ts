import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { noAddressesFailure } from './failures.js';
import type { Failure, GuestSpec } from './protocol.js';
import { type SharedBudget, SharedBudgets } from './shared-budget.js';
import { canSuspend } from './suspend-gate.js';

/**
 * Memories that the guests of this process may have, in all threads and hosts, those included that are not collected yet. V8
 * sets 8 GiB of addresses aside for each, however small it is (10 on Node 20), and twice that for one of 64 bits; a process has
 * 128 TiB of them. Where they are used up, threads end, and Node 26 the process (measured: at 16 300, and 12 990 on Node 20).
 */
export const guestMemories = new SharedBudgets(canSuspend ? 14_000 : 10_000);

/** Fewer are not worth a collection. */
const LEAST = 256;

/** Of so many instances that are gone one is watched, which is cheaper than each: V8 collects them together. */
const BATCH = 32;

/** What a thread's instances have of addresses. V8 does not know that they are scarce, and collects what is left of instances late. */
export class AddressSpace {
  readonly #budget: SharedBudget;
  /** Of instances that are gone: how many memories a batch of them had. */
  readonly #left = new Set<{ readonly count: number }>();
  #garbage = 0;
  /** Of the last few, which are not among those yet. */
  #batch = 0;
  #batched = 0;
  readonly #collected = new FinalizationRegistry<{ readonly count: number }>((one) => {
    if (this.#left.delete(one)) this.#give(one.count);
  });

  constructor(budget: SharedBudget) {
    this.#budget = budget;
  }

  /** For an instance that begins; a failure where none are left. */
  take(spec: GuestSpec): Failure | undefined {
    const count = memoriesOf(spec);
    this.#collectFrom(1);
    if (this.#budget.take(count)) return undefined;
    if (this.#garbage > 0) this.#collect();
    return this.#budget.take(count) ? undefined : noAddressesFailure(spec);
  }

  /** This instance is gone. What it had is free when it was collected. */
  give(instance: object, spec: GuestSpec): void {
    const count = memoriesOf(spec);
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

  #give(count: number): void {
    this.#garbage -= count;
    this.#budget.give(count);
  }
}

/** With the kernel's. */
function memoriesOf({ memories = 1 }: GuestSpec): number {
  return memories + 1;
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
