import { performance } from 'node:perf_hooks';
import type { Job, JobResult } from './job.js';
import { lateFailure, START_UP } from './late-failure.js';
import type { CallMessage, Failure, GuestSpec, ToThread, VarChanges, Vars } from './protocol.js';
import type { SandboxThread } from './sandbox-thread.js';
import { jobResult, type SentJob } from './sent-job.js';
import type { SlotPlace } from './slot-loads.js';
import type { PlacedCall } from './waiting-circle.js';
import type { WorkResult } from './work.js';

/** What a slot needs to know to start. */
export interface StartRequest {
  readonly spec: GuestSpec;
  readonly vars: Vars;
  readonly startTimeoutMs: number;
  /** Exports to run once started, under the same deadline: `on_activate`, `migrate`. */
  readonly hooks: readonly StartHook[];
  readonly nextSeq: () => number;
}

/** An export that is run when an instance starts. */
export interface StartHook {
  readonly fn: string;
  readonly input: string;
}

const PAGE = 65_536;

/** How a start ended. `again` where the thread was lost before anything of the guest ran. */
export type StartResult =
  | { readonly ok: true }
  | { readonly ok: false; readonly failure: Failure; readonly again: boolean };

/** The host's end of one live instance: what was sent to it, and whether it can still be used. */
export class InstanceSlot {
  readonly id: number;
  readonly tenant: string;
  readonly thread: SandboxThread;
  readonly #spec: GuestSpec;
  /** The jobs that were sent and are not settled, by their numbers: few, and a list of them leaves less behind than a map. */
  readonly #jobs: number[] = [];
  /** All that it was sent, and has not begun, was recalled. */
  #isRecalled = false;
  /** What starts it at present. */
  #starting: number | undefined;
  #abandon: ((result: StartResult) => void) | undefined;
  ready = false;
  /** Set once; a dead slot is never used again. */
  dead = false;
  /** It takes no more jobs, and is no more when those that it is in the midst of are over. */
  isLeaving = false;
  leavingSince = 0;
  /** `performance.now()` of the last job's end, or of when it had one again. */
  lastUsed = performance.now();
  /** `performance.now()` of when it was ready. */
  readySince = 0;
  /** For how long calls of its plugin had been held back by then. */
  heldBefore = 0;
  /** Of the last job that it was sent. */
  priority = 0;
  /** Jobs that it has ended. */
  served = 0;
  #memoryBytes: number;
  /** Where it stands in the set that it is in. */
  place: SlotPlace | undefined;
  /** It was to start in another thread instead. */
  wasAbandoned = false;
  /** So many milliseconds it waits for its turn to start in a thread that somebody else blocks. */
  patienceMs = Number.POSITIVE_INFINITY;
  /** What its start cost, hooks included. */
  startCpuMs = 0;
  startMs = 0;
  /** What it changed of its vars meanwhile, hooks included. */
  startVars: VarChanges[] | undefined;

  constructor(id: number, tenant: string, thread: SandboxThread, spec: GuestSpec) {
    this.id = id;
    this.tenant = tenant;
    this.thread = thread;
    this.#spec = spec;
    this.#memoryBytes = spec.guestPages * PAGE;
    thread.instances++;
  }

  /** After its last run; until it has started, what it begins with. */
  get memoryBytes(): number {
    return this.#memoryBytes;
  }

  set memoryBytes(bytes: number) {
    if (bytes === this.#memoryBytes) return;
    this.place?.share?.add(0, bytes - this.#memoryBytes);
    this.#memoryBytes = bytes;
  }

  /** Jobs sent and not settled. */
  get inFlight(): number {
    return this.#jobs.length;
  }

  /** Is the guest in the midst of a call that waited for the host, and may still? It must not be entered then. */
  get suspended(): boolean {
    for (const seq of this.#jobs) if (this.thread.isInMidst(seq)) return true;
    return false;
  }

  /** The call here that waits for the host at present. */
  get asking(): number | undefined {
    for (const seq of this.#jobs) if (this.thread.isAsking(seq)) return seq;
    return undefined;
  }

  /** Makes and starts the instance. */
  async start(request: StartRequest): Promise<StartResult> {
    const { spec, vars, startTimeoutMs } = request;
    this.thread.define(spec);
    const started = await this.#work(
      {
        op: 'instantiate',
        seq: request.nextSeq(),
        spec: spec.id,
        instance: this.id,
        vars,
        timeoutMs: startTimeoutMs,
      },
      startTimeoutMs,
      START_UP,
    );
    if (!started.ok) return started;
    for (const { fn, input } of request.hooks) {
      // What the guest took so far counts, and not what its thread or process took to come up.
      const hooked = await this.run(request.nextSeq(), fn, input, startTimeoutMs - this.startMs);
      if (!hooked.ok) return hooked;
    }
    this.#abandon = undefined;
    this.ready = !this.dead;
    this.readySince = performance.now();
    this.#changed();
    return this.dead ? { ok: false, failure: lostBefore(undefined), again: true } : { ok: true };
  }

  /** Runs one of the guest's hooks. */
  run(seq: number, fn: string, input: string, timeoutMs: number): Promise<StartResult> {
    const left = Math.max(0, timeoutMs);
    return this.#work(
      { op: 'call', seq, instance: this.id, fn, input, timeoutMs: left, fuel: Number.POSITIVE_INFINITY },
      left,
      fn,
    );
  }

  /** Has it waited for too long to start, in a thread that somebody else blocks? */
  isStuck(now: number): boolean {
    if (this.ready || this.dead || this.#starting === undefined) return false;
    return (
      now - this.lastUsed >= this.patienceMs && this.thread.blocked && !this.thread.hasBegun(this.#starting)
    );
  }

  /** A start that cannot go on: it is over here, whatever its thread still does about it. */
  abandonStart(reason: string): void {
    if (this.ready) return;
    this.wasAbandoned = true;
    this.#abandon?.(this.#startResult({ kind: 'unstarted', reason }));
  }

  /** Stops a start that is under way. */
  cancelStart(metered: boolean): void {
    if (this.#starting !== undefined) this.thread.cancel(this.#starting, metered);
  }

  /** Sends a job. `within` is the work of the slot's thread that waits and inside of which it is to run. */
  send(sent: SentJob, within: number | undefined): void {
    const { job } = sent;
    if (this.#jobs.push(job.seq) === 1) this.lastUsed = sent.at;
    this.#isRecalled = false;
    this.priority = job.priority;
    this.#changed();
    job.onSent(sent.at);
    const message: CallMessage = {
      op: 'call',
      seq: job.seq,
      instance: this.id,
      fn: job.fn,
      input: job.input,
      timeoutMs: job.timeoutMs,
      fuel: job.fuel,
      within,
      // Where it is a guest of this very thread that waits for it, the output is its answer.
      answers: job.parent?.thread === this.thread ? job.parent.ask : undefined,
    };
    this.thread.start(message, sent, sent.at);
  }

  /** What it was sent and is not over. */
  calls(): PlacedCall[] {
    return this.#jobs.map((seq) => ({ thread: this.thread, seq, slot: this }));
  }

  /** Was it sent anything that it has not begun? */
  get hasUnbegun(): boolean {
    for (const seq of this.#jobs) if (!this.thread.hasBegun(seq)) return true;
    return false;
  }

  /** Jobs that it has not begun come back. */
  recall(): void {
    if (this.dead || this.#isRecalled) return;
    this.#isRecalled = true;
    this.thread.send({ op: 'recall', instance: this.id });
  }

  /** Takes no more jobs. */
  leave(now: number): void {
    this.isLeaving = true;
    this.leavingSince = now;
    this.#changed();
    if (this.inFlight > 0) this.recall();
  }

  /** A job that was sent came back. Undefined for one that was not begun and has to go elsewhere. */
  ended(job: Job, result: WorkResult, now: number): JobResult | undefined {
    this.#remove(job.seq);
    const wasRecalled = result.kind === 'unstarted' && result.wasRecalled;
    if (!wasRecalled) this.lastUsed = now;
    this.#changed();
    if (wasRecalled) return undefined;
    if (result.kind === 'done') {
      this.served++;
      this.memoryBytes = result.message.figures.memoryBytes;
      if (result.message.lost) this.#die();
    } else if (result.kind === 'unstarted') this.#die();
    else this.dispose();
    return jobResult(result);
  }

  /** Frees the instance; jobs that were sent still come back. */
  dispose(): void {
    if (this.dead) return;
    if (this.inFlight > 0) this.recall();
    this.#die();
    this.thread.send({ op: 'dispose', instance: this.id });
  }

  /** It has become ready or dead, or has a job more or less. */
  #changed(): void {
    this.place?.among.move(this, this.ready && !this.isLeaving ? this.inFlight : undefined);
  }

  #remove(seq: number): void {
    const at = this.#jobs.indexOf(seq);
    if (at < 0) return;
    const last = this.#jobs.pop()!;
    if (at < this.#jobs.length) this.#jobs[at] = last;
  }

  #work(
    message: Extract<ToThread, { seq: number; timeoutMs: number }>,
    timeoutMs: number,
    fn: string,
  ): Promise<StartResult> {
    this.#starting = message.seq;
    return new Promise((resolve) => {
      this.#abandon = resolve;
      this.thread.start(message, {
        timeoutMs,
        spec: this.#spec,
        isMetered: this.#spec.fuelExport !== undefined,
        onTimeout: () => lateFailure(fn, this.#spec, timeoutMs),
        settle: (result) => {
          this.#starting = undefined;
          resolve(this.#startResult(result));
        },
      });
    });
  }

  #startResult(result: WorkResult): StartResult {
    if (result.kind === 'done') {
      this.startCpuMs += result.message.figures.cpuMs;
      this.startMs += result.message.figures.durationMs;
    }
    if (result.kind === 'done' && !result.message.failure && !result.message.lost) {
      this.memoryBytes = result.message.figures.memoryBytes;
      const { vars } = result.message;
      if (vars) this.startVars = [...(this.startVars ?? []), vars];
      return { ok: true };
    }
    this.dispose();
    if (result.kind === 'unstarted') return { ok: false, failure: lostBefore(result.reason), again: true };
    if (result.kind === 'lost') return { ok: false, failure: result.failure, again: false };
    return { ok: false, failure: result.message.failure ?? EXITED, again: false };
  }

  /** Its thread is gone. */
  threadEnded(): void {
    this.#die();
  }

  #die(): void {
    if (this.dead) return;
    this.dead = true;
    this.ready = false;
    this.thread.instances--;
    this.#changed();
  }
}

function lostBefore(reason: string | undefined): Failure {
  return {
    code: 'ERR_TRAP',
    message: `The sandbox thread was lost while the instance started${reason === undefined ? '' : `: ${reason}`}.`,
    details: { trap: 'thread-lost' },
  };
}

/** A hook that leaves by `proc_exit(0)` has done its work, and its instance is gone. */
const EXITED: Failure = {
  code: 'ERR_TRAP',
  message: 'The guest exited in a hook, and left nothing that could be called.',
  details: { trap: 'exit', exitCode: 0 },
};
