import { NumberMap } from './number-map.js';
import type { Answer } from './protocol.js';

/** With what a suspended guest goes on. */
export type Resumption = Answer | 'deadline' | 'cancelled';

/** A guest that is suspended. */
export interface SuspendedCall {
  readonly ask: number;
  readonly seq: number;
  readonly spec: number;
  /** When its call began, as the control block has it. */
  readonly startedAt: number;
  /** Of `performance.now()`. */
  readonly deadline: number;
  /** Must not throw. */
  readonly resume: (by: Resumption) => void;
}

/** A suspended guest may go on, when it is its turn. */
export interface ResumeMessage {
  readonly op: 'resume';
  readonly seq: number;
  readonly spec: number;
  readonly call: SuspendedCall;
  readonly by: Answer | 'cancelled';
}

/** The calls of a thread whose guests are suspended until their host answers. */
export class SuspendedCalls {
  readonly #byAsk = new NumberMap<SuspendedCall>();
  readonly #bySeq = new NumberMap<SuspendedCall>();

  /** The guest of this call waits for the answer. A guest waits for one thing at a time. */
  add(call: SuspendedCall): void {
    this.#byAsk.set(call.ask, call);
    this.#bySeq.set(call.seq, call);
  }

  /** The answer is there. Undefined where nobody waits for it any more. */
  answer(ask: number, answer: Answer): ResumeMessage | undefined {
    return this.#end(this.#byAsk.get(ask), answer);
  }

  /** The caller gave up. Undefined where the guest does not wait. */
  cancel(seq: number): ResumeMessage | undefined {
    return this.#end(this.#bySeq.get(seq), 'cancelled');
  }

  #end(call: SuspendedCall | undefined, by: ResumeMessage['by']): ResumeMessage | undefined {
    if (!call) return undefined;
    const { ask, seq, spec } = call;
    this.#byAsk.delete(ask);
    this.#bySeq.delete(seq);
    return { op: 'resume', seq, spec, call, by };
  }
}
