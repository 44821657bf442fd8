import { performance } from 'node:perf_hooks';
import type { Admission, InstancePoolListener, InstancePoolOptions } from './instance-pool-options.js';
import { InstanceSlot, type StartHook, type StartResult } from './instance-slot.js';
import { InstanceTurns, LEAST_TURN_MS, type PluginTurns } from './instance-turns.js';
import type { JobQueue } from './job-queue.js';
import { Overruns } from './overruns.js';
import type { Failure } from './protocol.js';
import { RestartBackoff } from './restart-backoff.js';
import type { SandboxThread } from './sandbox-thread.js';
import type { SlotSet } from './slot-set.js';
import type { ThreadPool } from './thread-pool.js';
import type { VarStore } from './var-store.js';
import { WakeTimer } from './wake-timer.js';

/** After an instance did not come to be, none is added to the others for so long. */
const GROWTH_PAUSE_MS = 1000;
/**
 * An instance waits so long for its turn to start in a thread that is blocked: what the guest there waits for may wait for it. In
 * the next thread twice as long: there may be no other.
 */
const PATIENCE_MS = 20;
/** Starts that are tried again because a neighbour took the thread down. */
const MAX_START_ATTEMPTS = 3;

/** What a pool and the starts of its instances have in common. */
export interface StartsOwner {
  readonly options: InstancePoolOptions;
  readonly threads: ThreadPool;
  readonly listener: InstancePoolListener;
  readonly queue: JobQueue;
  readonly slots: SlotSet;
  readonly vars: VarStore;
  readonly nextSeq: () => number;
  isClosed(): boolean;
  /** There is an instance more, or one may be started now: jobs may go on. */
  pump(): void;
  /** No instance comes for this tenant. */
  failQueued(tenant: string, failure: Failure): void;
  drop(slot: InstanceSlot): void;
  /** A start used the processor. */
  used(cpuMs: number, durationMs: number): void;
  /** For how long calls were held back so far, for a share of the processor. */
  heldMs(): number;
}

/** Starts a plugin's instances: when one more is wanted, in which thread, and what follows where one does not come up. */
export class InstanceStarts implements PluginTurns {
  readonly #owner: StartsOwner;
  readonly #backoff = new RestartBackoff();
  /** Of the plugin's guests: where there were any, the next instances live apart from others'. */
  readonly overruns = new Overruns();
  #ownThread: SandboxThread | undefined;
  /** `performance.now()` of when the last start failed; undefined where it did not. */
  #failedAt: number | undefined;
  #noRoom: Failure | undefined;
  readonly #watch = new WakeTimer(() => this.#moveStuck());
  readonly #turns: InstanceTurns;
  readonly #turnTimer: WakeTimer;
  /** Until then no instance has had its turn, by `performance.now()`. */
  #noTurnBefore = 0;
  /** Was an instance started, or is one starting? The first is told to migrate though it has no vars. */
  #hasFirst = false;
  /** Tenants that room is being made for. */
  #admitting: Set<string> | undefined;

  constructor(owner: StartsOwner) {
    this.#owner = owner;
    this.#turns = new InstanceTurns(owner.slots, owner.queue, () => owner.heldMs());
    this.#turnTimer = new WakeTimer(() => owner.pump());
  }

  /** Why calls would fail at once; undefined where there is an instance, or one may be tried. */
  get refusal(): Failure | undefined {
    const { slots, options } = this.#owner;
    return slots.size > 0 ? undefined : this.#backoff.refusal(options.spec, performance.now());
  }

  /** The budget that a wanted instance waits for; undefined where none does. */
  get noRoom(): Failure | undefined {
    return this.#noRoom;
  }

  /** Is another instance of a pool on its way, or may it be started? Not where the last one that was wanted did not come to be. */
  moreToCome(tenant: string): boolean {
    const { options, slots } = this.#owner;
    const { mode, maxInstances } = options;
    if (typeof mode !== 'object') return false;
    if (slots.starting(tenant) > 0) return true;
    return this.#failedAt === undefined && slots.size < maxInstances && slots.count(tenant) < mode.pool;
  }

  /** The instances of which one has to go before the tenant can have any; undefined where one is there, or can be made. */
  holders(tenant: string): InstanceSlot[] | undefined {
    const { options, slots } = this.#owner;
    if (slots.count(tenant) === 0) return slots.size < options.maxInstances ? undefined : [...slots];
    return slots.allLeave(tenant) ? [...slots].filter((slot) => slot.tenant === tenant) : undefined;
  }

  /**
   * Starts one more instance for each tenant whose jobs wait and that may have more: none waits behind another's. Where there are as
   * many as there may be, tenants have them in turns.
   */
  grow(): void {
    const { options, queue, slots } = this.#owner;
    if (queue.length === 0 || this.#hasAll()) return;
    const { mode, maxInstances } = options;
    const most = typeof mode === 'object' ? Math.min(mode.pool, maxInstances) : 1;
    let coming = this.leaving;
    for (const tenant of this.#byNeed()) {
      // What gives up its instance for this start wakes those that wait for room, this plugin among them.
      if (this.#admitting?.has(tenant)) continue;
      const mine = slots.count(tenant);
      if (mine > 0 && (mine >= most || this.#failedJustNow())) continue;
      const refusal = mine === 0 && this.#backoff.refusal(options.spec, performance.now());
      if (refusal) {
        this.#owner.failQueued(tenant, refusal);
        continue;
      }
      if (mine >= most || slots.starting(tenant) >= queue.waiting(tenant)) continue;
      const isAwaited = this.#isAwaited(tenant);
      if (slots.size < maxInstances || this.#evictOther(tenant, isAwaited)) void this.#startFor(tenant);
      else if (mine === 0 && --coming < 0 && !this.#makeRoomFor(tenant) && !isAwaited) return;
    }
  }

  /** The tenants that wait, those that guests wait for first: what others wait for may be the end of these guests. */
  #byNeed(): string[] {
    const { queue } = this.#owner;
    const tenants = queue.tenants();
    if (queue.nested === 0 || tenants.length === 1) return tenants;
    return tenants.sort((a, b) => Number(this.#isAwaited(b)) - Number(this.#isAwaited(a)));
  }

  #isAwaited(tenant: string): boolean {
    return this.#owner.queue.firstOf(tenant, 'nested') !== undefined;
  }

  /** An instance that has served another tenant for its turn takes no more jobs, so that this one has one. */
  #makeRoomFor(tenant: string): boolean {
    const { queue, slots, options } = this.#owner;
    const now = performance.now();
    const isAwaited = this.#isAwaited(tenant);
    if (now < this.#noTurnBefore && !isAwaited) return false;
    const { priority } = queue.firstOf(tenant)!;
    const comesBefore = (one: InstanceSlot): boolean =>
      (one.inFlight > 0 && one.priority > priority) ||
      (queue.firstOf(one.tenant)?.priority ?? priority) > priority;
    const slot = this.#turns.next(now, (one) => one.tenant !== tenant && (isAwaited || !comesBefore(one)));
    const left = slot ? this.#turns.endOf(slot) - now : LEAST_TURN_MS;
    if (left > 0) {
      this.#noTurnBefore = now + left;
      this.#turnTimer.in(left, now);
      return false;
    }
    this.#leave(slot!, now);
    if (slots.size < options.maxInstances) void this.#startFor(tenant);
    return true;
  }

  get leaving(): number {
    return this.#owner.slots.leaving(performance.now());
  }

  get turnEndsAt(): number {
    const slot = this.#turns.next(performance.now());
    return slot ? this.#turns.endOf(slot) : Number.POSITIVE_INFINITY;
  }

  endTurn(): void {
    const now = performance.now();
    const slot = this.#turns.next(now);
    if (slot) this.#leave(slot, now);
  }

  #leave(slot: InstanceSlot, now: number): void {
    const { queue, slots, drop } = this.#owner;
    slots.leave(slot, now);
    queue.hadTurn(slot.tenant);
    if (slot.inFlight === 0) drop(slot);
  }

  stop(): void {
    this.#watch.stop();
    this.#turnTimer.stop();
  }

  /** Is there no instance more to be had for those that wait, whatever they are? */
  #hasAll(): boolean {
    const { options, queue, slots } = this.#owner;
    const most = typeof options.mode === 'object' ? options.mode.pool : 1;
    return queue.isOfOne && slots.count(queue.first()!.tenant) >= most;
  }

  /** Starts one instance. */
  async start(tenant: string): Promise<InstanceSlot | Failure> {
    const started = await this.#start(tenant);
    if (started instanceof InstanceSlot) return started;
    return 'failure' in started ? started.failure : started;
  }

  thread(): SandboxThread {
    const { options, threads } = this.#owner;
    if (options.isolation === 'shared')
      return this.overruns.recent(performance.now()) ? threads.background() : threads.shared();
    if (!this.#ownThread || this.#ownThread.ending) {
      const { isolation, spec, maxInstances } = options;
      this.#ownThread = isolation === 'process' ? threads.process(spec, maxInstances) : threads.own();
    }
    return this.#ownThread;
  }

  async releaseThread(): Promise<void> {
    if (this.#ownThread) await this.#owner.threads.release(this.#ownThread);
  }

  /** Those that there are can serve: a start that fails is not tried again and again for every call. */
  #failedJustNow(): boolean {
    const at = this.#failedAt;
    return at !== undefined && performance.now() - at < GROWTH_PAUSE_MS;
  }

  /** This tenant, and those whose jobs wait before its own. */
  #upTo(tenant: string): ReadonlySet<string> {
    const ahead = new Set<string>();
    for (const one of this.#owner.queue.tenants()) {
      ahead.add(one);
      if (one === tenant) break;
    }
    return ahead;
  }

  /** Makes room by an idle instance of somebody else; by one that nobody may want back soon, unless a guest waits. */
  #evictOther(tenant: string, isAwaited: boolean, isForBudget = false): boolean {
    const { slots } = this.#owner;
    const idle = slots.idle(Number.POSITIVE_INFINITY);
    if (idle.length === 0) return false;
    // Those that wait before it may wait for the very call that a guest waits for: for its place in a budget.
    const kept = isAwaited || isForBudget ? new Set([tenant]) : this.#upTo(tenant);
    const now = performance.now();
    for (const slot of idle) {
      if (kept.has(slot.tenant)) continue;
      const left = isAwaited ? 0 : this.#turns.freeAt(slot) - now;
      if (left > 0) this.#turnTimer.in(left, now);
      else {
        this.#owner.drop(slot);
        return true;
      }
    }
    return false;
  }

  async #startFor(tenant: string): Promise<void> {
    const { slots, listener, pump, failQueued } = this.#owner;
    const started = await this.#start(tenant);
    this.#failedAt = started instanceof InstanceSlot ? undefined : performance.now();
    if (started instanceof InstanceSlot) return pump();
    const failure = 'failure' in started ? started.failure : started;
    const others = slots.count(tenant) > 0;
    if ('failure' in started && started.canWait && !others) {
      this.#noRoom = failure;
      if (this.#owner.queue.length === 0) listener.onNotNeeded();
      return;
    }
    listener.onStartFailed(failure, others);
    // The violation was the start's, and is counted: not once more for each call that waited for it.
    const { violation: _, ...told } = failure;
    if (!others) failQueued(tenant, told);
    pump();
  }

  #moveStuck(): void {
    const { slots } = this.#owner;
    slots.abandonStuck(performance.now());
    if (slots.areStarting) this.#watch.in(PATIENCE_MS);
  }

  #stopWatch(): void {
    if (!this.#owner.slots.areStarting) this.#watch.stop();
  }

  /** The hooks of an instance that starts. A second `migrate` would take what the first one made for what it is to be made of. */
  #hooksFrom(fromVersion: string | undefined): readonly StartHook[] {
    const { hooks, migrate, spec } = this.#owner.options;
    if (migrate === undefined || fromVersion === undefined || fromVersion === spec.version) return hooks;
    return [...hooks, { fn: migrate, input: JSON.stringify({ fromVersion }) }];
  }

  /** The version of the vars that the tenant's instance finds; undefined where there are none. */
  #keptFrom(tenant: string): string | undefined {
    const { options, vars } = this.#owner;
    return options.mode === 'stateful' ? vars.versionOf(tenant) : undefined;
  }

  /** What a start did to the vars is kept as what a call does: the next instance, and the next version, begin with it. */
  #keepVars(slot: InstanceSlot): void {
    const { options, vars } = this.#owner;
    const { tenant, startVars = [] } = slot;
    slot.startVars = undefined;
    if (options.mode !== 'stateful') return;
    vars.migrated(tenant);
    for (const changes of startVars) vars.keep(tenant, changes);
  }

  async #start(tenant: string): Promise<InstanceSlot | Failure | Admission> {
    this.#noRoom = undefined;
    for (let attempt = 1, moves = 0; ; ) {
      const refused = this.#admit(tenant);
      if (refused) return refused;
      const slot = this.#place(tenant, moves);
      const result = await this.#bringUp(slot);
      const isClosed = this.#owner.isClosed();
      if (result.ok && !isClosed) {
        this.#turns.began(slot);
        this.#keepVars(slot);
        this.#stopWatch();
        this.#backoff.succeeded();
        this.#owner.listener.onStarted();
        return slot;
      }
      this.#owner.drop(slot);
      this.#stopWatch();
      if (result.ok || isClosed) return CLOSED;
      if (slot.wasAbandoned) moves++;
      else attempt++;
      if (!result.again || attempt > MAX_START_ATTEMPTS) return this.#failed(slot, result.failure);
    }
  }

  /** May there be one more, in the budgets of the host? */
  #admit(tenant: string): Admission | undefined {
    const { listener, queue, slots, pump } = this.#owner;
    this.#admitting ??= new Set();
    this.#admitting.add(tenant);
    const isAwaited = queue.nested > 0;
    let refused = listener.admit(isAwaited);
    // The budgets know nothing of tenants: what this plugin keeps for others who do not use it is given up here.
    while (refused && this.#evictOther(tenant, isAwaited, true)) refused = listener.admit(isAwaited);
    this.#admitting.delete(tenant);
    // Now, and not when the start has come back: what makes room in between would wake nobody.
    if (refused?.canWait && queue.length > 0) listener.onRoom(pump, slots.count(tenant) === 0);
    return refused;
  }

  /** Its place in a thread, after so many in which it was stuck. */
  #place(tenant: string, moves: number): InstanceSlot {
    const { options, threads, slots } = this.#owner;
    const slot = new InstanceSlot(threads.nextInstance(), tenant, this.thread(), options.spec);
    slots.add(slot);
    // Where a thread is its plugin's own, there is no other.
    if (options.isolation === 'shared') slot.patienceMs = PATIENCE_MS * 2 ** moves;
    return slot;
  }

  /** Has it start with what its tenant keeps. */
  async #bringUp(slot: InstanceSlot): Promise<StartResult> {
    const { options, vars: store, nextSeq } = this.#owner;
    const { spec, startTimeoutMs, mode, replaces } = options;
    const vars = mode === 'stateful' ? store.of(slot.tenant) : NO_VARS;
    // Now: others may start meanwhile.
    const isFirst = !this.#hasFirst;
    this.#hasFirst = true;
    const hooks = this.#hooksFrom(this.#keptFrom(slot.tenant) ?? (isFirst ? replaces?.version : undefined));
    this.#watch.in(PATIENCE_MS);
    const result = await slot.start({ spec, vars, startTimeoutMs, hooks, nextSeq });
    this.#owner.used(slot.startCpuMs, slot.startMs);
    if (!result.ok && isFirst) this.#hasFirst = false;
    return result;
  }

  #failed({ startCpuMs: cpuMs, startMs: durationMs }: InstanceSlot, failure: Failure): Failure {
    const now = performance.now();
    this.#backoff.failed(failure, now);
    this.overruns.ended(failure, { cpuMs, durationMs }, now);
    return failure;
  }
}

const NO_VARS: ReadonlyMap<string, Uint8Array> = new Map();
const CLOSED: Failure = { code: 'ERR_CLOSED', message: 'The plugin was unloaded while an instance started.' };
