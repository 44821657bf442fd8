import { performance } from 'node:perf_hooks';
import { KernelPool } from '../kernel/kernel-pool.js';
import { AddressSpace } from './address-space.js';
import { AwaitedAnswers, answerBy } from './awaited-answers.js';
import { BusyInstances } from './busy-instances.js';
import { ByteSlab } from './byte-slab.js';
import { runsSince } from './call-state.js';
import type { ControlBlock } from './control-block.js';
import type { Coroutine } from './coroutine.js';
import { CoroutinePool } from './coroutine-pool.js';
import { FairInbox, type TaskMessage } from './fair-inbox.js';
import { GuestInstance } from './guest-instance.js';
import { sleepInThread } from './guest-sleep.js';
import { hasHeadroom, needHeadroom } from './headroom.js';
import type {
  Answer,
  Ask,
  CallMessage,
  FromThread,
  GuestSpec,
  InstantiateMessage,
  ToThread,
} from './protocol.js';
import { waitsForItself } from './queue-failures.js';
import { NO_FIGURES, type RunOutcome } from './run-outcome.js';
import { runnableSpec } from './runnable-spec.js';
import type { SharedBudget } from './shared-budget.js';
import { sharedNow } from './shared-clock.js';
import { canSuspend } from './suspend-gate.js';
import { type Resumption, type SuspendedCall, SuspendedCalls } from './suspended-calls.js';
import { ThreadCpu, threadCpuClock } from './thread-cpu.js';
import type { ThreadPort } from './thread-port.js';
import type { CoroutineRun, LaterAsk, ThreadBudgets, ThreadServices } from './thread-services.js';
import { CANCELLED, NO_STACK, refused } from './unrun-failures.js';

/** For what is to come as soon as nothing is on the stack. */
const SOON = Promise.resolve();

/** Results wait at most for so many others before they are sent. */
const MAX_PENDING = 16;

/** A sandbox thread: runs what its host sends, in order, and knows nothing of plugins but their specs. */
export class SandboxThreadEntry implements ThreadServices {
  readonly kernels: KernelPool;
  readonly files: SharedBudget | undefined;
  readonly memory: SharedBudget | undefined;
  readonly space: AddressSpace | undefined;
  readonly coroutines: CoroutinePool | undefined;
  readonly cpu = new ThreadCpu(threadCpuClock());
  readonly outputs: Pick<ByteSlab, 'copy'>;
  readonly #port: ThreadPort;
  readonly #control: ControlBlock;
  readonly #specs = new Map<number, GuestSpec>();
  readonly #instances = new Map<number, GuestInstance>();
  readonly #inbox = new FairInbox();
  readonly #cancelled = new Set<number>();
  readonly #answers = new AwaitedAnswers();
  readonly #suspended = new SuspendedCalls();
  readonly #busy = new BusyInstances();
  readonly #outbox: FromThread[] = [];
  /** Guests that block the thread while they run, one inside of the other. */
  #guests = 0;
  #seenMail = 0;
  #hasGivenBack = false;
  #working = false;

  constructor(
    port: ThreadPort,
    kernel: WebAssembly.Module,
    control: ControlBlock,
    budgets: ThreadBudgets = {},
  ) {
    this.kernels = new KernelPool(kernel);
    this.files = budgets.files;
    this.memory = budgets.memory;
    this.space = budgets.space && new AddressSpace(budgets.space, this.kernels.is64);
    if (canSuspend && budgets.stacks) this.coroutines = new CoroutinePool(budgets.stacks);
    this.#port = port;
    this.outputs = port.outputs ?? new ByteSlab(64 * 1024);
    this.#control = control;
    port.listen((batch) => {
      this.#sort(batch);
      this.#work();
    });
  }

  post(message: FromThread): void {
    this.#outbox.push(message);
    if (this.#outbox.length >= MAX_PENDING) this.flush();
  }

  flush(): void {
    if (this.#outbox.length === 0) return;
    // A guest decides how deep the stack is: an overflow on the way would send half of this, and then all of it again.
    if (this.#guests > 0 || this.#control.running !== 0) needHeadroom();
    this.#port.send(this.#outbox);
    this.#outbox.length = 0;
  }

  isCancelled(seq: number): boolean {
    this.#readMail();
    return this.#cancelled.has(seq);
  }

  ask(seq: number, spec: number, body: Ask, deadline: number): Resumption {
    const ask = this.#answers.next();
    this.#answers.expect(ask);
    try {
      this.post({ op: 'ask', ask, seq, spec, body });
      this.flush();
      return this.#await(ask, seq, spec, deadline);
    } finally {
      this.#answers.forget(ask);
    }
  }

  askLater({ seq, spec, body, deadline, usedMs, guest }: LaterAsk): void {
    this.#inbox.charge(spec, usedMs);
    const ask = this.#answers.next();
    const { startedAt } = this.#control;
    this.#suspended.add({ op: 'resume', ask, seq, spec, startedAt, deadline, guest, by: undefined });
    this.post({ op: 'ask', ask, seq, spec, body, deadline: performance.timeOrigin + deadline });
    this.#control.enter(0, 0);
    this.#endTurn();
  }

  #await(ask: number, seq: number, spec: number, deadline: number): Resumption {
    for (;;) {
      const seen = this.#control.mail;
      this.#readMail();
      const answer = this.#answers.of(ask);
      if (answer) return answer;
      if (this.#cancelled.has(seq)) return 'cancelled';
      // A call that the host makes on behalf of this one: it cannot wait for its turn behind it.
      const inner = this.#inbox.takeCall((call) => call.within === seq);
      if (inner) {
        this.#callWithin(inner);
        // A metered guest that goes on is soon here again, or at its next visit: both flush, and the host is woken once.
        if (!this.#answers.of(ask) || !this.#specs.get(spec)?.fuelExport) this.flush();
        continue;
      }
      const left = Math.min(deadline - performance.now(), 2 ** 30);
      if (left <= 0) return 'deadline';
      if (this.#port.wait) this.#port.wait(seen, left);
      else this.#control.sleep(seen, left);
    }
  }

  sleep(seq: number, until: number): boolean {
    this.flush();
    return sleepInThread(this.#control, until, () => this.isCancelled(seq));
  }

  /** Takes what came since, without the event loop: a guest may be running. */
  #readMail(): void {
    const { mail } = this.#control;
    if (mail === this.#seenMail) return;
    // What has been taken out of the port is nowhere else: an overflow on the way would lose other plugins' calls.
    if (this.#guests > 0 || this.#control.running !== 0) needHeadroom();
    this.#seenMail = mail;
    for (;;) {
      const batch = this.#port.receive();
      if (!batch) break;
      this.#sort(batch);
    }
    if (!this.#hasGivenBack) return;
    this.#hasGivenBack = false;
    // The guest that runs may take its time.
    this.flush();
  }

  /** What is about others takes effect at once, all else waits for its turn. */
  #sort(batch: readonly ToThread[]): void {
    for (const message of batch) {
      if (message.op === 'cancel') this.#cancel(message.seq);
      else if (message.op === 'answer') this.#answer(message.ask, message.answer);
      else if (message.op === 'recall') this.#recall(message.instance, false);
      else if (message.op === 'within') this.#inbox.runInside(message.seq, message.within);
      else this.#inbox.add(message);
    }
  }

  /** False where nobody waits for it any more. */
  #answer(ask: number, answer: Answer): boolean {
    if (this.#answers.give(ask, answer)) return true;
    const suspended = this.#suspended.answer(ask, answer);
    if (suspended) this.#inbox.add(suspended);
    return suspended !== undefined;
  }

  #cancel(seq: number): void {
    this.#cancelled.add(seq);
    const suspended = this.#suspended.cancel(seq);
    if (suspended) this.#inbox.add(suspended);
    else if (this.#busy.remove(seq)) this.#outbox.push(refused(seq, CANCELLED));
  }

  /** Nobody else knows what was not begun. */
  #recall(instance: number, lost: boolean): void {
    const waiting = [...this.#busy.takeCallsOf(instance), ...this.#inbox.takeCallsOf(instance)];
    for (const { seq } of waiting) {
      // Not by `post`, which may send: a guest may have left too little stack for that, and what follows in the batch would be lost.
      if (this.#cancelled.has(seq)) this.#outbox.push(refused(seq, CANCELLED));
      else this.#outbox.push({ op: 'done', seq, figures: NO_FIGURES, lost, unstarted: true });
      this.#hasGivenBack = true;
    }
  }

  #work(): void {
    if (this.#working) return;
    this.#working = true;
    this.#goOn();
  }

  /**
   * Works until nothing is left, or something was begun that is over later, and then comes back here: a promise for each would
   * cost as much as a short call.
   */
  readonly #goOn = (): void => {
    do {
      for (let message = this.#next(); message; message = this.#next()) if (!this.#do(message)) return;
      // Nothing is left that could be cancelled: who is suspended was told at once.
      this.#cancelled.clear();
      this.flush();
      this.space?.idle();
    } while (this.#port.linger?.(this.#seenMail));
    this.#working = false;
  };

  /** False where it is over later. */
  #do(message: TaskMessage): boolean {
    switch (message.op) {
      case 'define':
        this.#specs.set(message.spec.id, runnableSpec(message.spec));
        return true;
      case 'forget':
        this.#specs.delete(message.spec);
        return true;
      case 'instantiate':
        void this.#instantiate(message).then(this.#goOn);
        return false;
      case 'call':
        if (!message.fresh) return this.#call(message);
        void this.#freshCall(message, message.fresh);
        return false;
      case 'resume':
        this.#resume(message);
        return false;
      case 'dispose':
        this.#disposeOf(message);
        return true;
    }
  }

  #next(): TaskMessage | undefined {
    this.#readMail();
    return this.#inbox.shift();
  }

  async #instantiate({ seq, spec, instance: id, vars, timeoutMs }: InstantiateMessage): Promise<void> {
    const started = await this.#start(seq, spec, vars, timeoutMs);
    if (started.instance) this.#instances.set(id, started.instance);
    else this.#inbox.gone(id);
    this.#inbox.charge(spec, started.outcome.figures.cpuMs);
    this.#done(seq, started.outcome);
  }

  #start(seq: number, spec: number, vars: InstantiateMessage['vars'], timeoutMs: number) {
    this.flush();
    this.#control.enter(seq, sharedNow());
    return GuestInstance.start(this.#specs.get(spec)!, this, vars, seq, timeoutMs);
  }

  async #freshCall(message: CallMessage, fresh: NonNullable<CallMessage['fresh']>): Promise<void> {
    const { instance, outcome } = await this.#start(
      message.seq,
      fresh.spec,
      fresh.vars,
      fresh.startTimeoutMs,
    );
    this.#inbox.charge(fresh.spec, outcome.figures.cpuMs);
    const coroutine = instance && this.#coroutineFor(instance);
    if (instance && coroutine) {
      this.#runSuspending(instance, { message, coroutine, fresh: true });
      return;
    }
    if (instance) this.#run(instance, message, true);
    else this.#done(message.seq, outcome);
    this.#goOn();
  }

  /** False where it is over later. */
  #call(message: CallMessage, isWithin = false): boolean {
    if (this.#cancelled.has(message.seq)) {
      this.post(refused(message.seq, CANCELLED));
      return true;
    }
    if (this.#busy.holdBack(message.instance, message) !== undefined) return true;
    const instance = this.#instances.get(message.instance);
    if (!instance) {
      this.post({ op: 'done', seq: message.seq, figures: NO_FIGURES, lost: true, unstarted: true });
      return true;
    }
    const coroutine = isWithin ? undefined : this.#coroutineFor(instance);
    if (coroutine) this.#runSuspending(instance, { message, coroutine, fresh: false });
    else this.#run(instance, message, false);
    return !coroutine;
  }

  #callWithin(message: CallMessage): void {
    const instance = this.#instances.get(message.instance);
    // Its host may have answered it: that it waits below another one on this stack yet, nobody knows there.
    if (instance?.isOnStack) this.post(refused(message.seq, waitsForItself(instance.spec)));
    else if (hasHeadroom()) this.#call(message, true);
    else this.post(refused(message.seq, NO_STACK));
  }

  #run(instance: GuestInstance, message: CallMessage, fresh: boolean): void {
    if (!instance.spec.fuelExport) this.flush();
    const { running: outer, startedAt: outerStart } = this.#control;
    const now = performance.now();
    this.#control.enter(message.seq, runsSince(message, now));
    this.#guests++;
    const outcome = instance.run(message, now);
    this.#guests--;
    this.#finish(instance, message, fresh, outcome);
    this.#control.enter(message.within === undefined ? 0 : outer, outerStart);
  }

  #finish(instance: GuestInstance, message: CallMessage, fresh: boolean, outcome: RunOutcome): void {
    this.#inbox.charge(instance.spec.id, outcome.figures.cpuMs - instance.state.turnsMs);
    if (fresh) instance.dispose();
    else if (outcome.lost) this.#dispose(message.instance);
    const answer = answerBy(message, outcome);
    const isAnswered = answer && this.#answer(message.answers!, answer);
    this.#done(message.seq, outcome, isAnswered ? message.answers : undefined);
    // A guest may block the thread, and they would find that out late.
    if (outcome.lost && !fresh) this.#recall(message.instance, true);
  }

  #coroutineFor(instance: GuestInstance): Coroutine | undefined {
    return instance.isSuspendable ? this.coroutines!.take() : undefined;
  }

  /** Runs a call until its guest is suspended or has ended. */
  #runSuspending(instance: GuestInstance, run: CoroutineRun): void {
    const { message, fresh } = run;
    if (!instance.spec.fuelExport) this.flush();
    if (!fresh) this.#busy.add(message.instance, message.seq);
    this.#guests++;
    const now = performance.now();
    this.#control.enter(message.seq, runsSince(message, now));
    instance.runSuspending(run, now);
  }

  ended(instance: GuestInstance, { message, coroutine, fresh }: CoroutineRun, outcome: RunOutcome): void {
    this.coroutines!.give(coroutine);
    this.#finish(instance, message, fresh, outcome);
    this.#control.enter(0, 0);
    if (!fresh) this.#inbox.putBack(this.#busy.free(message.instance));
    this.#endTurn();
  }

  /** A suspended guest goes on, until it is suspended again or has ended. */
  #resume({ seq, spec, by, startedAt, deadline, guest }: SuspendedCall): void {
    if (!this.#specs.get(spec)?.fuelExport) this.flush();
    this.#guests++;
    this.#control.enter(seq, startedAt);
    if (performance.now() >= deadline) guest.goOn('deadline');
    else guest.goOn(this.#cancelled.has(seq) ? 'cancelled' : by!);
  }

  /** The guest that runs was suspended, or has ended. It may be on the stack yet. */
  #endTurn(): void {
    this.#guests--;
    void SOON.then(this.#goOn);
  }

  /** A guest that is suspended is made to end first: only then nothing of it is left. */
  #disposeOf(message: Extract<TaskMessage, { op: 'dispose' }>): void {
    const seq = this.#busy.holdBack(message.instance, message);
    if (seq === undefined) this.#dispose(message.instance);
    else this.#cancel(seq);
  }

  #dispose(id: number): void {
    this.#instances.get(id)?.dispose();
    this.#instances.delete(id);
    this.#inbox.gone(id);
  }

  #done(seq: number, { output, failure, figures, lost, vars }: RunOutcome, answers?: number): void {
    this.#control.enter(0, 0);
    this.post({ op: 'done', seq, output, failure, figures, lost, vars, answers });
  }
}
