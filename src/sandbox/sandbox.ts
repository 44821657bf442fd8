import { availableParallelism } from 'node:os';
import { performance } from 'node:perf_hooks';
import { compileKernel } from '../kernel/kernel.js';
import { FEW_INSTANCES } from './address-space.js';
import { Capacity } from './capacity.js';
import { CpuShare } from './cpu-share.js';
import { GuestTotals } from './guest-totals.js';
import { InstancePool } from './instance-pool.js';
import type { InstancePoolListener, InstancePoolOptions } from './instance-pool-options.js';
import type { Job, WaitingJob } from './job.js';
import { jobNumberAfter } from './job-number.js';
import type { Answer, Ask, AskMessage, LogMessage, ViolationMessage } from './protocol.js';
import type { SandboxThread } from './sandbox-thread.js';
import { SharedBudgets } from './shared-budget.js';
import { hasSmallMemories } from './small-memories.js';
import { ThreadPool, type ThreadPoolOptions } from './thread-pool.js';

/** A guest's question to its host. `job` is absent while an instance starts. */
export interface AskRequest {
  readonly spec: number;
  readonly job: Job | undefined;
  readonly body: Ask;
  /** When the asking call has to be over, by `sharedNow()`. */
  readonly deadline: number;
  /** Makes a call on behalf of the one that asks. */
  readonly parent: Required<WaitingJob>;
}

export interface SandboxListener {
  /** Must not throw: a refusal is an answer too. */
  onAsk(request: AskRequest): Answer | Promise<Answer>;
  onLog(message: LogMessage, job: Job | undefined): void;
  onViolation(message: ViolationMessage, job: Job | undefined): void;
  onThreadLost(name: string, reason: string): void;
}

/** Cores that there are for guests. */
const CORES = availableParallelism();

/** Compiled once a process: with memories that take addresses for their pages only, and with others. */
const kernels: { small?: WebAssembly.Module; other?: WebAssembly.Module } = {};

/** The kernel for a host with so many instances. That for many is not everyone's: its code has more to check. */
function kernelFor(instances: number): WebAssembly.Module {
  if (instances > FEW_INSTANCES && hasSmallMemories()) {
    kernels.small ??= compileKernel(64);
    return kernels.small;
  }
  kernels.other ??= compileKernel();
  return kernels.other;
}

/** Everything that runs guests: the threads of a host, and for each plugin the pool of its instances. */
export class Sandbox {
  readonly threads: ThreadPool;
  readonly capacity: Capacity;
  readonly totals = new GuestTotals();
  /** What guests have open, over all threads. */
  readonly files: SharedBudgets;
  /** What they have of memory in the threads of this process, in pages of 64 KiB. */
  readonly memory: SharedBudgets;
  readonly #listener: SandboxListener;
  readonly #pools = new Map<number, InstancePool>();
  readonly #cpuPercent: number;
  #seq = 0;
  #specs = 0;

  constructor(
    options: Omit<ThreadPoolOptions, 'kernel' | 'files' | 'memory'> & {
      readonly concurrentCalls: number;
      readonly openFiles: number;
      /** That may live at a time. */
      readonly instances: number;
      readonly memoryBytes: number;
      /** Share of all cores that guests may use, in percent. */
      readonly cpuPercent: number;
    },
    listener: SandboxListener,
  ) {
    this.capacity = new Capacity(
      options.concurrentCalls,
      new CpuShare((options.cpuPercent / 100) * CORES),
      CORES,
    );
    this.files = new SharedBudgets(options.openFiles);
    this.memory = new SharedBudgets(options.memoryBytes / 65_536);
    this.#listener = listener;
    this.#cpuPercent = options.cpuPercent;
    this.threads = new ThreadPool(
      { ...options, kernel: kernelFor(options.instances), files: this.files, memory: this.memory },
      {
        onAsk: (message, thread, deadline) => this.#ask(message, thread, deadline),
        onLog: (message) => listener.onLog(message, this.#job(message)),
        onViolation: (message) => listener.onViolation(message, this.#job(message)),
        onEnd: (thread, reason, planned) => {
          for (const pool of this.#pools.values()) pool.threadEnded(thread, reason);
          if (!planned) listener.onThreadLost(thread.name, reason);
        },
      },
    );
  }

  /** What guests use of all cores, and what they may, in percent. */
  get cpu(): { readonly percent: number; readonly limit: number } {
    return { percent: this.capacity.cpu.percent(performance.now()) / CORES, limit: this.#cpuPercent };
  }

  /** The next number for a job. */
  nextSeq = (): number => {
    this.#seq = jobNumberAfter(this.#seq);
    return this.#seq;
  };

  /** The next id for a spec. Not a job's number: those come round while plugins stay. */
  nextSpec(): number {
    return ++this.#specs;
  }

  /** A plugin's instances. */
  open(options: InstancePoolOptions, listener: InstancePoolListener): InstancePool {
    const pool = new InstancePool(options, this.threads, this.capacity, listener, this.nextSeq, this.totals);
    this.#pools.set(options.spec.id, pool);
    return pool;
  }

  /** The plugin is gone; its pool has been closed. */
  forget(spec: number): void {
    this.#pools.delete(spec);
  }

  close(): Promise<void> {
    return this.threads.close();
  }

  #job(message: { readonly spec: number; readonly seq: number }): Job | undefined {
    return this.#pools.get(message.spec)?.job(message.seq);
  }

  #ask(message: AskMessage, thread: SandboxThread, deadline: number): void {
    const { ask, seq, spec, body } = message;
    try {
      const request = { spec, body, deadline, job: this.#job(message), parent: { seq, thread, ask } };
      const answer = this.#listener.onAsk(request);
      if (answer instanceof Promise) {
        const pool = message.deadline === undefined ? undefined : this.#pools.get(spec);
        const later = (answered: Answer): void => {
          thread.answer(ask, answered);
          // Its thread may have answered it before: then it may wait for something else by now.
          if (!thread.isAsking(seq)) pool?.suspended(seq, false);
        };
        pool?.suspended(seq, true);
        answer.then(later, (error) => later(unanswered(error)));
      } else thread.answer(ask, answer);
    } catch (error) {
      thread.answer(ask, unanswered(error));
    }
  }
}

/** A guest waits: whatever went wrong on the way to its answer, it gets one. */
function unanswered(error: unknown): Answer {
  return { ok: false, failure: { code: 'ERR_HOST_FUNCTION', message: String(error) } };
}
