import { performance } from 'node:perf_hooks';
import type { CompiledModule } from '../wasm/web-assembly.js';
import { ProcessLink } from './process/process-link.js';
import { RespawnDelay } from './process/respawn-delay.js';
import type { GuestSpec } from './protocol.js';
import { SandboxThread, type ThreadListener } from './sandbox-thread.js';
import type { SharedBudgets } from './shared-budget.js';
import type { OpenLink } from './thread-link.js';
import { WorkerLink } from './worker-link.js';

/** Sizes of the pool. */
export interface ThreadPoolOptions {
  readonly kernel: CompiledModule;
  /** Threads that are kept even when nothing runs. */
  readonly min: number;
  /** Threads for guests that compute; those that wait for the host do not count. */
  readonly max: number;
  readonly stackBytes: number;
  readonly files: SharedBudgets;
  /** In pages. */
  readonly memory: SharedBudgets;
}

/** How many threads may wait for the host at a time before further guests queue behind them. */
const MAX_BLOCKED = 32;

/** The same among those that computed until they were stopped. */
const MAX_BACKGROUND = 8;

/** The sandbox threads of one host. */
export class ThreadPool {
  readonly #options: ThreadPoolOptions;
  readonly #listener: ThreadListener;
  readonly #shared = new Set<SandboxThread>();
  readonly #own = new Set<SandboxThread>();
  /** One, and more where guests block it. */
  readonly #background = new Set<SandboxThread>();
  readonly #processes = new Set<SandboxThread>();
  /** By spec, for those that have a process. */
  readonly #delays = new Map<number, RespawnDelay>();
  #names = 0;
  #instances = 0;
  readonly #idleSince = new WeakMap<SandboxThread, number>();
  #closed = false;
  /** Threads that ended without being asked to, since the start. */
  lost = 0;

  constructor(options: ThreadPoolOptions, listener: ThreadListener) {
    this.#options = options;
    this.#listener = listener;
    this.#fill();
  }

  /** Threads alive in this process. */
  get size(): number {
    return this.#shared.size + this.#own.size + this.#background.size;
  }

  /** Child processes alive, each with a thread. */
  get processes(): number {
    return this.#processes.size;
  }

  get #alive(): number {
    let alive = 0;
    for (const thread of this.#shared) if (!thread.ending) alive++;
    return alive;
  }

  /** An id for a new instance. Not a job's number: those come round while instances stay. */
  nextInstance(): number {
    return ++this.#instances;
  }

  /** A thread for a new instance: the emptiest that can run something now, or a new one. */
  shared(): SandboxThread {
    let best: SandboxThread | undefined;
    let runnable = 0;
    for (const thread of this.#shared) {
      if (thread.ending || thread.blocked) continue;
      runnable++;
      if (!best || thread.instances + thread.load < best.instances + best.load) best = thread;
    }
    const full = runnable >= this.#options.max || this.#shared.size >= this.#options.max + MAX_BLOCKED;
    if (best && (full || best.instances + best.load === 0)) return best;
    if (!full) return this.#makeThread(this.#shared);
    // Every thread there may be is waiting: queue behind the one with the least to do.
    return [...this.#shared].reduce((least, thread) => (thread.load < least.load ? thread : least));
  }

  /**
   * A thread of low priority, for the instances of plugins that computed until they were stopped: they hold up each other, and
   * not those that keep their limits.
   */
  background(): SandboxThread {
    const alive = [...this.#background].filter((thread) => !thread.ending);
    const free = alive.find((thread) => !thread.blocked);
    if (free) return free;
    if (alive.length < MAX_BACKGROUND) return this.#makeThread(this.#background);
    return alive.reduce((least, thread) => (thread.load < least.load ? thread : least));
  }

  /** A thread of a plugin's own. */
  own(): SandboxThread {
    return this.#makeThread(this.#own);
  }

  /** The thread of a child process, which is the plugin's own. After deaths in a row it is a while until it starts. */
  process(spec: GuestSpec, instances: number): SandboxThread {
    const delay = this.#delays.get(spec.id) ?? new RespawnDelay();
    this.#delays.set(spec.id, delay);
    const { stackBytes } = this.#options;
    const options = { spec, stackBytes, instances, delayMs: delay.ms };
    const from = performance.now() + delay.ms;
    return this.#make(
      this.#processes,
      `cordon process ${++this.#names}`,
      (listener) => new ProcessLink(options, listener),
      (planned) => {
        if (!planned) delay.died(performance.now() - from);
      },
    );
  }

  /** Ends threads beyond `min` that had nothing to do for so long. Is asked now and then. */
  endIdle(idleMs: number): void {
    const now = performance.now();
    for (const thread of [...this.#shared, ...this.#background]) {
      if (thread.instances + thread.load > 0 || thread.ending) this.#idleSince.delete(thread);
      else if (!this.#idleSince.has(thread)) this.#idleSince.set(thread, now);
      else if (
        now - this.#idleSince.get(thread)! >= idleMs &&
        (this.#background.has(thread) || this.#alive > this.#options.min)
      ) {
        void thread.close('it had nothing to do');
      }
    }
  }

  /** Gives back a thread from {@link own} or {@link process}. Until it has ended it is one of the pool's. */
  async release(thread: SandboxThread): Promise<void> {
    await thread.close('its plugin was unloaded');
  }

  /** Every thread is to forget this spec. */
  forget(spec: number): void {
    for (const thread of [...this.#shared, ...this.#own, ...this.#background]) thread.forget(spec);
    this.#delays.delete(spec);
  }

  async close(): Promise<void> {
    this.#closed = true;
    const all = [...this.#shared, ...this.#own, ...this.#background, ...this.#processes];
    await Promise.all(all.map((thread) => thread.close()));
  }

  #fill(): void {
    while (!this.#closed && this.#shared.size < this.#options.min) this.#makeThread(this.#shared);
  }

  #makeThread(into: Set<SandboxThread>): SandboxThread {
    const isBackground = into === this.#background;
    const { kernel, stackBytes, files, memory } = this.#options;
    const name = `cordon ${isBackground ? 'background' : 'sandbox'} ${++this.#names}`;
    return this.#make(
      into,
      name,
      (listener) => new WorkerLink({ kernel, stackBytes, name, files, memory, isBackground }, listener),
    );
  }

  #make(
    into: Set<SandboxThread>,
    name: string,
    open: OpenLink,
    onEnd: (planned: boolean) => void = () => {},
  ): SandboxThread {
    const told: ThreadListener = {
      onAsk: (message, from, deadline) => this.#listener.onAsk(message, from, deadline),
      onLog: (message) => this.#listener.onLog(message),
      onViolation: (message) => this.#listener.onViolation(message),
      onEnd: (ended, reason, planned) => {
        into.delete(ended);
        if (!planned) this.lost++;
        onEnd(planned);
        this.#listener.onEnd(ended, reason, planned);
        this.#fill();
      },
    };
    const thread = new SandboxThread(name, open, told, into === this.#background);
    into.add(thread);
    return thread;
  }
}
