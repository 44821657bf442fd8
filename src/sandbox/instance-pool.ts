import { quote } from '../log/quote.js';
import type { Capacity } from './capacity.js';
import { sendFreshCall } from './fresh-call.js';
import type { InstancePoolListener, InstancePoolOptions } from './instance-pool-options.js';
import { InstanceSlot } from './instance-slot.js';
import type { Job, JobResult } from './job.js';
import { JobQueue } from './job-queue.js';
import type { DoneMessage, Failure, GuestSpec } from './protocol.js';
import { QueueTimer } from './queue-timer.js';
import type { SandboxThread } from './sandbox-thread.js';
import { SlotSet } from './slot-set.js';
import type { ThreadPool } from './thread-pool.js';
import { type KeptVars, VarStore } from './var-store.js';

/** Calls that one stateful instance may have ahead in its thread, so that it never waits for its host. */
const STATEFUL_WINDOW = 16;
/** The same for one of several: short, so that a slow call holds up few. */
const POOL_WINDOW = 2;
/** After an instance did not come to be, none is added to the others for so long. */
const GROWTH_PAUSE_MS = 1000;
/** Fresh instances under way at a time. */
const PER_CALL_WINDOW = 32;
/** Starts that are tried again because a neighbour took the thread down. */
const MAX_START_ATTEMPTS = 3;

/** The instances of one plugin and the calls that wait for them. */
export class InstancePool {
  readonly #options: InstancePoolOptions;
  readonly #threads: ThreadPool;
  readonly #capacity: Capacity;
  readonly #listener: InstancePoolListener;
  readonly #nextSeq: () => number;
  readonly #queue = new JobQueue();
  readonly #slots = new SlotSet();
  readonly #sent = new Map<number, { readonly job: Job; readonly thread: SandboxThread }>();
  readonly #vars: VarStore;
  #ownThread: SandboxThread | undefined;
  readonly #queueTimer = new QueueTimer(this.#queue, (late) => this.#expire(late));
  #idleWaiters: (() => void)[] = [];
  /** `performance.now()` of when the last start failed; undefined where it did not. */
  #growthFailedAt: number | undefined;
  #closed = false;

  constructor(
    options: InstancePoolOptions,
    threads: ThreadPool,
    capacity: Capacity,
    listener: InstancePoolListener,
    nextSeq: () => number,
  ) {
    this.#options = options;
    this.#vars = new VarStore(options.vars);
    this.#threads = threads;
    this.#capacity = capacity;
    this.#listener = listener;
    this.#nextSeq = nextSeq;
  }

  get instances(): number {
    return this.#slots.size;
  }

  /** Memory of all live instances after their last runs. */
  get memoryBytes(): number {
    return this.#slots.memoryBytes;
  }

  /** The vars of a stateful plugin, which outlive its instances. */
  keptVars(): KeptVars {
    return this.#vars.snapshot();
  }

  /** The job that was sent under this number. */
  job(seq: number): Job | undefined {
    return this.#sent.get(seq)?.job;
  }

  /** A thread is gone, and the instances in it. */
  threadEnded(thread: SandboxThread, reason: string): void {
    for (const slot of this.#slots) {
      if (slot.thread !== thread || !slot.ready) continue;
      slot.threadEnded();
      this.#slots.delete(slot);
      this.#listener.onLost({ code: 'ERR_TRAP', message: `Its sandbox thread was lost: ${reason}.` });
    }
    this.#pump();
  }

  /** Starts the first instance now; for `per-call`, starts one to see that it can and drops it. */
  async warmUp(): Promise<Failure | undefined> {
    const started = await this.#startSlot('');
    if (started instanceof InstanceSlot) {
      if (this.#options.mode === 'per-call') this.#drop(started);
      this.#pump();
      return undefined;
    }
    return started;
  }

  submit(job: Job): void {
    this.#queue.add(job);
    this.#pump();
    if (this.#queue.length > 0) this.#queueTimer.watch(job.queueDeadline);
  }

  /** Takes a job back: out of the queue, or by stopping the guest. Its `settle` is not called again. */
  cancel(job: Job): void {
    if (this.#queue.remove(job)) this.#settledOne();
    else this.#sent.get(job.seq)?.thread.cancel(job.seq, this.#metered);
  }

  /** Fails what waits. */
  rejectQueued(failure: Failure): void {
    for (const job of this.#queue.takeAll()) job.settle({ ok: false, failure });
    this.#settledOne();
  }

  /** Resolves when nothing waits or runs. */
  whenIdle(): Promise<void> {
    if (this.#queue.length === 0 && this.#sent.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idleWaiters.push(resolve));
  }

  /** Runs a hook in every live instance; the failures, if any. */
  async runHook(fn: string, input: string, timeoutMs: number): Promise<readonly Failure[]> {
    const slots = [...this.#slots].filter((slot) => slot.ready);
    const results = await Promise.all(slots.map((slot) => slot.run(this.#nextSeq(), fn, input, timeoutMs)));
    return results.flatMap((result) => (result.ok ? [] : [result.failure]));
  }

  /** Disposes of instances that are not in use; the next call makes new ones. */
  disposeIdle(olderThan = Number.POSITIVE_INFINITY): void {
    for (const slot of this.#slots.idle(olderThan)) this.#drop(slot);
  }

  /** Stops instances that are just starting. */
  cancelStarts(): void {
    for (const slot of this.#slots) slot.cancelStart(this.#metered);
  }

  /** Ends everything: waiting jobs fail, running ones are stopped. */
  async close(failure: Failure): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#queueTimer.stop();
    this.rejectQueued(failure);
    for (const { job, thread } of this.#sent.values()) {
      thread.cancel(job.seq, this.#metered);
      job.settle({ ok: false, failure });
    }
    for (let left = this.#sent.size; left > 0; left--) this.#capacity.release();
    this.#sent.clear();
    this.#capacity.forget(this);
    this.#settledOne();
    this.cancelStarts();
    for (const slot of [...this.#slots]) this.#drop(slot);
    this.#threads.forget(this.#options.spec.id);
    if (this.#ownThread) await this.#threads.release(this.#ownThread);
  }

  get #metered(): boolean {
    return this.#options.spec.fuelExport !== undefined;
  }

  #pump(): void {
    if (this.#closed || this.#queue.length === 0) return;
    if (this.#options.mode === 'per-call') this.#pumpPerCall();
    else this.#pumpSlots();
  }

  #pumpPerCall(): void {
    for (;;) {
      const job = this.#takeNext(this.#sent.size < PER_CALL_WINDOW, () => true);
      if (!job) return;
      this.#sendFresh(job);
    }
  }

  #pumpSlots(): void {
    const window = this.#options.mode === 'stateful' ? STATEFUL_WINDOW : POOL_WINDOW;
    for (;;) {
      let slot: InstanceSlot | undefined;
      const job = this.#takeNext(this.#slots.hasRoom(window), (waiting) => {
        slot = this.#slots.choose(waiting, window, () => this.#moreToCome(waiting.tenant));
        return slot !== undefined;
      });
      if (!job) break;
      this.#send(job, slot!);
    }
    this.#grow();
  }

  /**
   * The next job that may run, with its place in the host's budget taken. Calls on behalf of one that waits go past
   * windows and budget: they would wait for the very call that waits for them. The queue is not searched in vain: it
   * may be long, and this is asked after every call.
   */
  #takeNext(hasWindow: boolean, accept: (job: Job) => boolean): Job | undefined {
    const hasNested = this.#queue.nested > 0;
    const ordinary = hasWindow && this.#queue.length > this.#queue.nested && this.#capacity.hasRoom(this);
    if (!ordinary && !hasNested) return undefined;
    const job = this.#queue.take((waiting) => (ordinary || waiting.parent !== undefined) && accept(waiting));
    if (job) this.#capacity.take();
    return job;
  }

  /** There is room in the host's budget again. */
  onCapacity(): void {
    this.#pump();
  }

  /** Is another instance of a pool on its way, or may it be started? Not where the last one that was wanted did not come to be. */
  #moreToCome(tenant: string): boolean {
    const { mode, maxInstances } = this.#options;
    if (typeof mode !== 'object') return false;
    const mine = this.#slots.of(tenant);
    if (mine.some((slot) => !slot.ready)) return true;
    return this.#growthFailedAt === undefined && this.#slots.size < maxInstances && mine.length < mode.pool;
  }

  /** Starts one more instance for each tenant whose jobs wait and that may have more: none waits behind another's. */
  #grow(): void {
    if (this.#queue.length === 0) return;
    const { mode, maxInstances } = this.#options;
    const most = typeof mode === 'object' ? Math.min(mode.pool, maxInstances) : 1;
    const ahead = new Set<string>();
    for (const [tenant, waiting] of this.#queue.tenants()) {
      ahead.add(tenant);
      const mine = this.#slots.of(tenant);
      if (mine.length > 0 && this.#failedJustNow()) continue;
      const starting = mine.filter((slot) => !slot.ready).length;
      if (mine.length >= most || starting >= waiting) continue;
      if (this.#slots.size >= maxInstances && !this.#evictOther(ahead)) return;
      void this.#startFor(tenant);
    }
  }

  /** Those that there are can serve: a start that fails is not tried again and again for every call. */
  #failedJustNow(): boolean {
    const at = this.#growthFailedAt;
    return at !== undefined && performance.now() - at < GROWTH_PAUSE_MS;
  }

  /** Makes room by an idle instance of somebody who is not served before. */
  #evictOther(ahead: ReadonlySet<string>): boolean {
    const oldest = this.#slots.idle(Number.POSITIVE_INFINITY).find((slot) => !ahead.has(slot.tenant));
    if (oldest) this.#drop(oldest);
    return oldest !== undefined;
  }

  async #startFor(tenant: string): Promise<void> {
    const started = await this.#startSlot(tenant);
    this.#growthFailedAt = started instanceof InstanceSlot ? undefined : performance.now();
    if (!(started instanceof InstanceSlot)) {
      const others = this.#slots.of(tenant).length > 0;
      this.#listener.onStartFailed(started, others);
      if (others) return this.#pump();
      // The violation was the start's, and is counted: not once more for each call that waited for it.
      const { violation: _, ...failure } = started;
      for (const job of this.#queue.takeAll((waiting) => waiting.tenant === tenant)) {
        job.settle({ ok: false, failure });
      }
      this.#settledOne();
    }
    this.#pump();
  }

  async #startSlot(tenant: string): Promise<InstanceSlot | Failure> {
    const { spec, startTimeoutMs, hooks, mode } = this.#options;
    for (let attempt = 1; ; attempt++) {
      const refused = this.#listener.admit();
      if (refused) return refused;
      const slot = new InstanceSlot(this.#nextSeq(), tenant, this.#chooseThread(), spec);
      this.#slots.add(slot);
      const vars = mode === 'stateful' ? this.#vars.of(tenant) : NO_VARS;
      const result = await slot.start({ spec, vars, startTimeoutMs, hooks, nextSeq: this.#nextSeq });
      if (result.ok && !this.#closed) {
        this.#listener.onStarted();
        return slot;
      }
      this.#drop(slot);
      if (result.ok) return CLOSED;
      if (!result.again || attempt === MAX_START_ATTEMPTS || this.#closed) return result.failure;
    }
  }

  #chooseThread(): SandboxThread {
    if (this.#options.isolation === 'shared') return this.#threads.shared();
    if (!this.#ownThread || this.#ownThread.ending) {
      const { isolation, spec, maxInstances } = this.#options;
      this.#ownThread =
        isolation === 'process' ? this.#threads.process(spec, maxInstances) : this.#threads.own();
    }
    return this.#ownThread;
  }

  #send(job: Job, slot: InstanceSlot): void {
    this.#sent.set(job.seq, { job, thread: slot.thread });
    const circle = job.parent !== undefined && slot.thread.waitsFor(job.parent.thread);
    if (circle && slot.suspended) {
      this.#settle(job, { ok: false, failure: waitsForItself(this.#options.spec) });
      return;
    }
    job.parent?.thread.waitFor(job.parent.seq, slot.thread);
    if (slot.inFlight > 0 || slot.thread.load > 0) this.#queueTimer.watch(job.queueDeadline);
    // Where threads wait for each other in a circle, the call runs inside of the one that waits there.
    slot.send(job, circle ? slot.thread.innermostAsking : undefined, (result) => {
      if (slot.dead && this.#slots.delete(slot) && !this.#closed) {
        this.#listener.onLost(result && !result.ok ? result.failure : NOT_STARTED);
      }
      this.#settle(job, result);
    });
  }

  #sendFresh(job: Job): void {
    const { spec, startTimeoutMs } = this.#options;
    const thread = this.#chooseThread();
    this.#sent.set(job.seq, { job, thread });
    job.onSent();
    sendFreshCall(thread, spec, startTimeoutMs, job, (result) => this.#settle(job, result));
  }

  /** The job came back: it is over, or it goes into the queue again because it was never begun. */
  #settle(job: Job, result: JobResult | undefined): void {
    if (!this.#sent.delete(job.seq)) return;
    job.parent?.thread.waitFor(job.parent.seq, undefined);
    this.#capacity.release();
    if (result?.message) this.#keepVars(job.tenant, result.message);
    if (result) job.settle(result);
    else {
      this.#queue.add(job);
      this.#queueTimer.watch(job.queueDeadline);
    }
    this.#pump();
    this.#settledOne();
  }

  #keepVars(tenant: string, { vars }: DoneMessage): void {
    if (vars && this.#options.mode === 'stateful') this.#vars.keep(tenant, vars);
  }

  #drop(slot: InstanceSlot): void {
    slot.dispose();
    this.#slots.delete(slot);
  }

  #settledOne(): void {
    if (this.#queue.length > 0 || this.#sent.size > 0) return;
    const waiters = this.#idleWaiters;
    this.#idleWaiters = [];
    for (const resolve of waiters) resolve();
  }

  /** Sent, but behind others in its thread: the guest has not begun with it. */
  #unbegun(): { readonly job: Job; readonly thread: SandboxThread }[] {
    return [...this.#sent.values()].filter(({ job, thread }) => !thread.hasBegun(job.seq));
  }

  /** These waited too long. */
  #expire(waited: readonly Job[]): void {
    const { plugin, version } = this.#options.spec;
    const now = performance.now();
    const late = [...waited];
    for (const { job, thread } of this.#unbegun()) {
      if (job.queueDeadline <= now) {
        thread.cancel(job.seq, this.#metered);
        late.push(job);
      } else this.#queueTimer.watch(job.queueDeadline);
    }
    for (const job of late) {
      job.settle({
        ok: false,
        failure: {
          code: 'ERR_TIMEOUT',
          message: `${quote(job.fn)} of ${plugin}@${version} waited longer than limits.queueTimeoutMs for an instance. Call less at a time, or give the plugin a pool.`,
          details: { waiting: this.#queue.length, inFlight: this.#sent.size },
        },
      });
    }
    this.#settledOne();
  }
}

function waitsForItself({ plugin, version }: GuestSpec): Failure {
  return {
    code: 'ERR_REENTRANT',
    message: `A call of ${plugin}@${version} would never begin: the plugin waits for another, which waits for the one that makes this call.`,
  };
}

const NO_VARS: ReadonlyMap<string, Uint8Array> = new Map();
const CLOSED: Failure = { code: 'ERR_CLOSED', message: 'The plugin was unloaded while an instance started.' };
const NOT_STARTED: Failure = { code: 'ERR_TRAP', message: 'The instance was spent, or its thread was lost.' };
