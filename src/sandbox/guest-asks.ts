import { performance } from 'node:perf_hooks';
import type { AskingImport, AskingImports } from './asking-import.js';
import type { EngineImports } from './engine-extism.js';
import { cancelledFailure, judgeThrown } from './failures.js';
import type { GuestContext } from './guest-context.js';
import { lateFailure } from './late-failure.js';
import { linkBlocking, linkSuspending } from './link-asking.js';
import type { Ask } from './protocol.js';
import type { SuspendGate, WaitMode } from './suspend-gate.js';
import type { Resumption, SuspendedGuest } from './suspended-calls.js';
import type { ThreadServices } from './thread-services.js';
import { whenResolved } from './when-resolved.js';

/** Shorter sleeps count as time of the processor, up to what its thread has used. */
const NAP_MS = 1;

/** How the guest of one instance waits: for its host, with its thread or suspended, and for time to pass. */
export class GuestAsks implements SuspendedGuest {
  readonly #guest: GuestContext;
  readonly #thread: ThreadServices;
  #gate: SuspendGate | undefined;
  /** What it asked by, and what resumes it: a guest waits for one thing at a time. */
  #asking: AskingImport | undefined;
  #resume: ((value: unknown) => void) | undefined;

  constructor(guest: GuestContext, thread: ThreadServices) {
    this.#guest = guest;
    this.#thread = thread;
  }

  /** Links the functions by which the guest asks. */
  link(asking: AskingImports): EngineImports {
    const block = (one: AskingImport, args: unknown[]) => {
      if (one.block) return one.block(args);
      const body = one.ask(args);
      return one.answer(body && this.ask(body));
    };
    if (!this.#thread.coroutines) return linkBlocking(asking, { block });
    const { imports, gate } = linkSuspending(this.#guest.spec, asking, {
      block,
      suspend: (one, args) => {
        const body = one.ask(args);
        return body ? this.#askLater(one, body) : one.answer(undefined);
      },
      resumed: () => {
        if (this.#guest.state.stop) this.#guest.kernel.trap();
      },
    });
    this.#gate = gate;
    return imports;
  }

  /** Can the guest be suspended while it waits for its host? */
  get canSuspend(): boolean {
    return this.#gate !== undefined;
  }

  /** How it waits in the run that begins. */
  set mode(mode: WaitMode) {
    this.#gate?.wait(mode);
  }

  /** Blocks the thread until the answer is there. */
  ask(body: Ask): unknown {
    const { state, spec } = this.#guest;
    const before = performance.now();
    const answer = this.#thread.ask(state.seq, spec.id, body, state.deadline);
    state.waitedMs += performance.now() - before;
    return this.#answered(answer);
  }

  /** Blocks the thread for so long, within the run's deadline. */
  sleep(ms: number): boolean {
    const { state } = this.#guest;
    const before = performance.now();
    const undisturbed = this.#thread.sleep(state.seq, Math.min(before + ms, state.deadline));
    const now = performance.now();
    // To fall asleep and be woken is work, and all that there is of a short nap.
    if (now - before >= NAP_MS) state.waitedMs += now - before;
    if (!undisturbed) return this.#stopForCancel();
    if (now >= state.deadline) return this.#stopForTimeout(true);
    this.#guest.tick();
    return true;
  }

  /** Never rejects: a guest can catch what is thrown where it was suspended. It goes on, to a trap. */
  #askLater(asking: AskingImport, body: Ask): Promise<unknown> {
    const { state, spec } = this.#guest;
    const { seq, deadline } = state;
    const usedMs = state.suspended(this.#thread.cpu, performance.now());
    const { promise, resolve } = whenResolved<unknown>();
    this.#asking = asking;
    this.#resume = resolve;
    this.#thread.askLater({ seq, spec: spec.id, body, deadline, usedMs, guest: this });
    return promise;
  }

  goOn(by: Resumption): void {
    const resume = this.#resume!;
    const answer = this.#resumed(this.#asking!, by);
    this.#resume = this.#asking = undefined;
    resume(answer);
  }

  #resumed(asking: AskingImport, by: Resumption): unknown {
    const { state, spec } = this.#guest;
    state.resumed(this.#thread.cpu, performance.now());
    try {
      return asking.answer(this.#answered(by));
    } catch (error) {
      state.stop ??= judgeThrown(error, state, spec, undefined);
      return asking.result === 'i64' ? 0n : 0;
    }
  }

  #answered(answer: Resumption): unknown {
    if (answer === 'deadline') return this.#stopForTimeout();
    if (answer === 'cancelled') return this.#stopForCancel();
    return answer.ok ? answer.value : this.#guest.stop(answer.failure);
  }

  #stopForCancel(): never {
    return this.#guest.stop(cancelledFailure(this.#guest.state, this.#guest.spec));
  }

  #stopForTimeout(heldThread = false): never {
    const { state, spec } = this.#guest;
    const late = lateFailure(state.fn, spec, state.timeoutMs);
    return this.#guest.stop(heldThread ? { ...late, heldThread } : late);
  }
}
