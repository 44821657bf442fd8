import { performance } from 'node:perf_hooks';
import { AwaitedJobs } from './awaited-jobs.js';
import { CallPace } from './call-pace.js';
import { CallWindow, POOL_WINDOW, STATEFUL_WINDOW } from './call-window.js';
import type { Capacity } from './capacity.js';
import { CpuShare } from './cpu-share.js';
import { sendFreshCall } from './fresh-call.js';
import { FreshDispatch } from './fresh-dispatch.js';
import { GuestShare, type GuestTotals } from './guest-totals.js';
import type { InstancePoolListener, InstancePoolOptions } from './instance-pool-options.js';
import { InstanceSlot } from './instance-slot.js';
import { InstanceStarts } from './instance-starts.js';
import type { PluginTurns } from './instance-turns.js';
import type { Job, JobResult } from './job.js';
import { JobCosts } from './job-costs.js';
import { JobQueue, type Whom } from './job-queue.js';
import { beginWait, endWait } from './nested-wait.js';
import type { DoneMessage, Failure, GuestSpec } from './protocol.js';
import { NOT_STARTED, type QueueState, waitedTooLong, waitsForItself } from './queue-failures.js';
import { QueueTimer } from './queue-timer.js';
import type { SandboxThread } from './sandbox-thread.js';
import { type JobSender, SentJob } from './sent-job.js';
import { SentJobs } from './sent-jobs.js';
import { SlotDispatch } from './slot-dispatch.js';
import { SlotSet } from './slot-set.js';
import type { ThreadPool } from './thread-pool.js';
import { CANCELLED } from './unrun-failures.js';
import { type KeptVars, MAX_TENANTS, VarStore } from './var-store.js';

/** The instances of one plugin and the calls that wait for them. */
export class InstancePool implements JobSender {
  readonly spec: GuestSpec;
  readonly #options: InstancePoolOptions;
  readonly #threads: ThreadPool;
  readonly #costs: JobCosts;
  readonly #listener: InstancePoolListener;
  readonly #nextSeq: () => number;
  readonly #queue: JobQueue;
  readonly #share: GuestShare;
  readonly #slots: SlotSet;
  readonly #sent: SentJobs;
  readonly #vars: VarStore;
  readonly #window: CallWindow;
  readonly #starts: InstanceStarts;
  /** What its calls have to do with the processor's time. */
  readonly pace: CallPace;
  readonly #dispatch: SlotDispatch | FreshDispatch;
  readonly #awaited: AwaitedJobs;
  readonly #queueTimer: QueueTimer;
  #idleWaiters: (() => void)[] = [];
  #freshBytes: number;
  #closed = false;

  constructor(
    options: InstancePoolOptions,
    threads: ThreadPool,
    capacity: Capacity,
    listener: InstancePoolListener,
    nextSeq: () => number,
    totals: GuestTotals,
  ) {
    this.#options = options;
    this.spec = options.spec;
    this.#share = new GuestShare(totals, options.spec.id);
    this.#slots = new SlotSet(this.#share);
    this.#sent = new SentJobs(this.#share);
    this.#queue = new JobQueue(options.mode !== 'per-call');
    this.#queueTimer = new QueueTimer(this.#queue, (late) => this.#expire(late));
    this.#vars = new VarStore(options.spec.version, options.replaces?.vars, () =>
      listener.onVarsForgotten(MAX_TENANTS),
    );
    this.#window = new CallWindow(options.mode === 'stateful' ? STATEFUL_WINDOW : POOL_WINDOW);
    this.#threads = threads;
    this.#listener = listener;
    this.#nextSeq = nextSeq;
    this.#freshBytes = options.spec.guestPages * 65_536;
    this.pace = new CallPace(new CpuShare(options.cpuPercent / 100), options.isCpuCap);
    this.#costs = new JobCosts(this.pace, capacity, this);
    this.#starts = new InstanceStarts({
      options,
      threads,
      listener,
      nextSeq,
      queue: this.#queue,
      slots: this.#slots,
      vars: this.#vars,
      isClosed: () => this.#closed,
      pump: () => this.#pump(),
      failQueued: (tenant, failure) => this.#failQueued(failure, (waiting) => waiting.tenant === tenant),
      drop: (slot) => this.#drop(slot),
      used: (cpuMs, durationMs) => this.#costs.used(cpuMs, durationMs),
      heldMs: () => this.pace.heldMs,
    });
    this.#awaited = new AwaitedJobs(
      this.#queue,
      (tenant) => this.#starts.holders(tenant),
      (job) => {
        this.cancel(job);
        job.settle({ ok: false, failure: waitsForItself(this.spec) });
      },
    );
    this.#dispatch = options.mode === 'per-call' ? this.#dispatchFresh() : this.#dispatchToSlots();
  }

  /** Live ones and those that start; of a plugin with fresh instances, those under way. */
  get instances(): number {
    return this.#share.instances;
  }

  /** Why a call would fail at once: the plugin does not start. */
  get startRefusal(): Failure | undefined {
    return this.#starts.refusal;
  }

  /** Memory of all live instances after their last runs, and of fresh ones as the last before them had it at its end. */
  get memoryBytes(): number {
    return this.#share.memoryBytes;
  }

  /** The vars of a stateful plugin, which outlive its instances. */
  keptVars(): KeptVars {
    return this.#vars.snapshot();
  }

  /** The guest of this job is suspended from now on, or goes on. A fresh one that is makes room for another. */
  suspended(seq: number, isSuspended: boolean): void {
    this.#sent.suspend(seq, isSuspended);
    if (isSuspended && this.#options.mode === 'per-call') this.#pump();
  }

  /** The job that was sent under this number. */
  job(seq: number): Job | undefined {
    return this.#sent.get(seq)?.job;
  }

  /** A thread is gone, and the instances in it. */
  threadEnded(thread: SandboxThread, reason: string): void {
    for (const slot of this.#slots.ready()) {
      if (slot.thread !== thread) continue;
      slot.threadEnded();
      this.#slots.delete(slot);
      this.#listener.onLost({ code: 'ERR_TRAP', message: `Its sandbox thread was lost: ${reason}.` });
      this.#listener.onGone();
    }
    this.#pump();
  }

  /** Starts the first instance now; for `per-call`, starts one to see that it can and drops it. */
  async warmUp(): Promise<Failure | undefined> {
    const started = await this.#starts.start('');
    if (started instanceof InstanceSlot) {
      if (this.#options.mode === 'per-call') this.#drop(started);
      this.#pump();
      return undefined;
    }
    return started;
  }

  /** Takes a job, at `now` by `performance.now()`. */
  submit(job: Job, now = performance.now()): void {
    this.#slots.abandonStarts(job);
    this.#enqueue(job);
    this.#pump(now);
    if (this.#queue.length === 0) return;
    this.#queueTimer.watch(job.queueDeadline);
    this.#awaited.came(job);
  }

  /** Takes a job back: out of the queue, or by stopping the guest. Its `settle` is not called again. */
  cancel(job: Job): void {
    if (this.#queue.remove(job)) {
      endWait(job);
      this.#settledOne();
    } else this.#sent.get(job.seq)?.cancel();
  }

  /** Fails what waits. */
  rejectQueued(failure: Failure): void {
    this.#failQueued(failure);
  }

  /** Resolves when nothing waits or runs. */
  whenIdle(): Promise<void> {
    if (this.#queue.length === 0 && this.#sent.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idleWaiters.push(resolve));
  }

  /** Runs a hook in every live instance; the failures, if any. */
  async runHook(fn: string, input: string, timeoutMs: number): Promise<readonly Failure[]> {
    const runs = this.#slots.ready().map((slot) => slot.run(this.#nextSeq(), fn, input, timeoutMs));
    const results = await Promise.all(runs);
    return results.flatMap((result) => (result.ok ? [] : [result.failure]));
  }

  /** Disposes of instances that are not in use; the next call makes new ones. */
  disposeIdle(olderThan = Number.POSITIVE_INFINITY): void {
    for (const slot of this.#slots.idle(olderThan)) this.#drop(slot);
  }

  /** Which of its instances makes room for other plugins. */
  get turns(): PluginTurns {
    return this.#starts;
  }

  /** Stops instances that are just starting. */
  cancelStarts(): void {
    const isMetered = this.spec.fuelExport !== undefined;
    for (const slot of this.#slots) slot.cancelStart(isMetered);
  }

  /** Ends everything: waiting jobs fail, running ones are stopped. */
  async close(failure: Failure): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#queueTimer.stop();
    this.#dispatch.stop();
    this.#starts.stop();
    this.#awaited.stop();
    this.rejectQueued(failure);
    for (const sent of this.#sent.values()) {
      const { job } = sent;
      sent.cancel();
      endWait(job);
      job.settle({ ok: false, failure });
    }
    this.#costs.close(this.#sent.values());
    this.#sent.clear();
    if (this.#options.mode === 'per-call') this.#listener.onGone();
    this.#settledOne();
    this.cancelStarts();
    for (const slot of [...this.#slots]) this.#drop(slot);
    this.#threads.forget(this.spec.id);
    await this.#starts.releaseThread();
  }

  #dispatchToSlots(): SlotDispatch {
    return new SlotDispatch(
      {
        ...{ queue: this.#queue, slots: this.#slots, window: this.#window, pump: this.onCapacity },
        whoMayBegin: (hasWindow, now) => this.#whoMayBegin(hasWindow, now),
        moreToCome: (tenant) => this.#starts.moreToCome(tenant),
        send: (job, slot, now) => this.#send(job, slot, now),
      },
      typeof this.#options.mode === 'object',
    );
  }

  #dispatchFresh(): FreshDispatch {
    return new FreshDispatch({
      ...{ queue: this.#queue, sent: this.#sent, listener: this.#listener, pump: this.onCapacity },
      whoMayBegin: (hasRoom, now) => this.#whoMayBegin(hasRoom, now),
      send: (job, now) => this.#sendFresh(job, now),
      failQueued: (failure) => this.#failQueued(failure, ({ parent }) => parent === undefined),
    });
  }

  #pump(now = performance.now()): void {
    if (this.#closed || this.#queue.length === 0) return;
    this.#dispatch.run(now);
    if (this.#options.mode !== 'per-call') this.#starts.grow();
  }

  /**
   * Whose jobs may begin, as far as windows and budgets go. Calls on behalf of one that waits go past both: they would
   * wait for the very call that waits for them. The queue is not searched in vain: it may be long, and this is asked
   * after every call.
   */
  #whoMayBegin(hasWindow: boolean, now: number): Whom | undefined {
    if (hasWindow && this.#queue.length > this.#queue.nested && this.#costs.mayBegin(now)) return 'all';
    return this.#queue.nested > 0 ? 'nested' : undefined;
  }

  get isOverShare(): boolean {
    return this.pace.isOver;
  }

  readonly onCapacity = (): void => this.#pump();

  #send(job: Job, slot: InstanceSlot, now: number): void {
    const sent = this.#remember(new SentJob(this, job, slot.thread, now, slot));
    const way = beginWait(job, { thread: slot.thread, seq: job.seq, slot });
    if (way === 'never') {
      this.#settle(sent, { ok: false, failure: waitsForItself(this.spec) }, now);
      return;
    }
    if (slot.inFlight > 0 || slot.thread.load > 0) this.#queueTimer.watch(job.queueDeadline);
    // Where it is its thread that waits, the call runs inside of the one that blocks it.
    slot.send(sent, way === 'inside' ? slot.thread.innermostBlocking : undefined);
  }

  #sendFresh(job: Job, now: number): void {
    const { spec, startTimeoutMs } = this.#options;
    const thread = this.#starts.thread();
    const sent = new SentJob(this, job, thread, now, undefined, startTimeoutMs);
    sent.freshBytes = this.#freshBytes;
    this.#remember(sent);
    if (beginWait(job, { thread, seq: job.seq }) === 'never') {
      this.#settle(sent, { ok: false, failure: waitsForItself(spec) }, now);
      return;
    }
    sendFreshCall(sent, spec, startTimeoutMs);
  }

  cameBack(sent: SentJob, result: JobResult | undefined, now: number): void {
    const { slot, job } = sent;
    // First of all: where the instance is lost, another may be started at once, with what it kept.
    if (result?.message) this.#learn(job.tenant, result.message);
    if (slot?.dead && this.#slots.delete(slot) && !this.#closed) {
      this.#listener.onLost(result && !result.ok ? result.failure : NOT_STARTED);
      this.#listener.onGone();
    }
    if (slot?.isLeaving && !slot.dead && slot.inFlight === 0) this.#drop(slot);
    this.#settle(sent, result, now);
  }

  usedLate(cpuMs: number): void {
    this.#costs.used(cpuMs, 0);
  }

  /** The job came back: it is over, or it goes into the queue again because it was never begun. */
  #settle(sent: SentJob, result: JobResult | undefined, now: number): void {
    const { job } = sent;
    if (!this.#sent.remove(sent)) return;
    endWait(job);
    const cost = this.#costs.ended(sent, result, now);
    if (result) {
      if (!result.ok) this.#starts.overruns.jobEnded(sent, result, cost, now);
      this.#window.took(cost.durationMs);
      job.settle(result, now);
    } else if (sent.isCancelled) job.settle({ ok: false, failure: CANCELLED }, now);
    else {
      this.#enqueue(job);
      this.#queueTimer.watch(job.queueDeadline);
    }
    // Who waits for room comes before what waits here.
    if (!sent.slot) this.#listener.onGone();
    this.#pump(now);
    if (!result) this.#awaited.came(job);
    if (sent.slot) this.#dispatch.cameBack(sent.slot, now);
    this.#settledOne();
  }

  #learn(tenant: string, { vars, figures }: DoneMessage): void {
    this.#freshBytes = figures.memoryBytes;
    if (vars && this.#options.mode === 'stateful') this.#vars.keep(tenant, vars);
  }

  #drop(slot: InstanceSlot): void {
    slot.dispose();
    if (this.#slots.delete(slot)) this.#listener.onGone();
  }

  #enqueue(job: Job): void {
    job.heldBefore = this.pace.heldMs;
    this.#queue.add(job);
  }

  /** Takes its place in the budgets, and keeps what has to be known of it until it comes back. */
  #remember(sent: SentJob): SentJob {
    this.#costs.began(sent);
    this.#sent.add(sent);
    return sent;
  }

  #failQueued(failure: Failure, wanted?: (job: Job) => boolean): void {
    for (const job of this.#queue.takeAll(wanted)) {
      endWait(job);
      job.settle({ ok: false, failure });
    }
    this.#settledOne();
  }

  #settledOne(): void {
    if (this.#queue.length > 0 || this.#sent.size > 0) return;
    const waiters = this.#idleWaiters;
    this.#idleWaiters = [];
    for (const resolve of waiters) resolve();
  }

  /** These waited too long. */
  #expire(waited: readonly Job[]): void {
    const behind = this.#sent.cancelLate(performance.now(), (deadline) => this.#queueTimer.watch(deadline));
    const state = {
      waiting: this.#queue.length,
      inFlight: this.#sent.size,
      noRoom: this.#dispatch.noRoom ?? this.#starts.noRoom,
    };
    // Those that were sent have their place; what holds the others up may be the plugin's own share.
    const full = state.noRoom ?? this.#costs.refusal;
    const giveUp = (job: Job, seen: QueueState): void => {
      endWait(job);
      job.settle({ ok: false, failure: waitedTooLong(job, this.spec, seen, this.pace.heldMs) });
    };
    for (const job of waited) giveUp(job, { ...state, noRoom: full });
    for (const job of behind) giveUp(job, state);
    this.#settledOne();
  }
}
