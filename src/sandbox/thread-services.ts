import type { KernelPool } from '../kernel/kernel-pool.js';
import type { AddressSpace } from './address-space.js';
import type { ByteSlab } from './byte-slab.js';
import type { Coroutine } from './coroutine.js';
import type { CoroutinePool } from './coroutine-pool.js';
import type { GuestInstance } from './guest-instance.js';
import type { Ask, CallMessage, FromThread } from './protocol.js';
import type { RunOutcome } from './run-outcome.js';
import type { SharedBudget } from './shared-budget.js';
import type { Resumption, SuspendedGuest } from './suspended-calls.js';
import type { ThreadCpu } from './thread-cpu.js';

/** What the guests of all threads share. */
export interface ThreadBudgets {
  readonly files?: SharedBudget;
  readonly memory?: SharedBudget;
  /** Memories, for their addresses. */
  readonly space?: SharedBudget;
  /** Of guests that can be suspended; without it none is. */
  readonly stacks?: SharedBudget;
}

/** A question of a guest that is suspended. */
export interface LaterAsk {
  readonly seq: number;
  readonly spec: number;
  readonly body: Ask;
  /** By `performance.now()`. */
  readonly deadline: number;
  /** Milliseconds of processor time that the guest's turn took. */
  readonly usedMs: number;
  /** Told to go on when it has its turn. */
  readonly guest: SuspendedGuest;
}

/** A call that runs on a coroutine. */
export interface CoroutineRun {
  readonly message: CallMessage;
  readonly coroutine: Coroutine;
  /** Its instance is for this call alone. */
  readonly fresh: boolean;
}

/** What an instance needs of the thread that it lives in. */
export interface ThreadServices {
  readonly kernels: KernelPool;
  /** For outputs, until they are sent. */
  readonly outputs: Pick<ByteSlab, 'copy'>;
  /** Places for open files; absent where nothing counts them beyond `limits.openFiles`. */
  readonly files?: SharedBudget | undefined;
  /** Pages of memory that are left of the host's budget; absent where the host counts them at the end of calls only. */
  readonly memory?: SharedBudget | undefined;
  /** Addresses for memories; absent where nothing counts them. */
  readonly space?: AddressSpace | undefined;
  /** What guests that can be suspended run on; absent where none can. */
  readonly coroutines?: CoroutinePool | undefined;
  /** What processor time its runs take. */
  readonly cpu: ThreadCpu;
  /** Sends with the next batch. */
  post(message: FromThread): void;
  /** Sends what waits: before anything that may take long. */
  flush(): void;
  /** Has the caller of this call given up? Looks into the mail. */
  isCancelled(seq: number): boolean;
  /**
   * Asks the host and blocks the thread until the answer, the deadline (of `performance.now()`) or a cancel. Calls
   * that the host makes on behalf of `seq` meanwhile are run inside.
   */
  ask(seq: number, spec: number, body: Ask, deadline: number): Resumption;
  /** The same for a guest that can be suspended: the thread goes on with other calls until then. */
  askLater(later: LaterAsk): void;
  /** A run that could be suspended is over. */
  ended(instance: GuestInstance, run: CoroutineRun, outcome: RunOutcome): void;
  /** Sleeps until the deadline or a cancel; false if cancelled. */
  sleep(seq: number, until: number): boolean;
}
