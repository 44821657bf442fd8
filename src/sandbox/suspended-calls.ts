import { NumberMap } from './number-map.js';
import type { Answer } from './protocol.js';

/** With what a suspended guest goes on. */
export type Resumption = Answer | 'deadline' | 'cancelled';

/** A guest that is suspended until it is told to go on. */
export interface SuspendedGuest {
  /** Must not throw. */
  goOn(by: Resumption): void;
}

/** A call whose guest is suspended. Once it may go on, when it is its turn, this is what its thread has to do. */
export interface SuspendedCall {
  readonly op: 'resume';
  readonly ask: number;
  readonly seq: number;
  readonly spec: number;
  /** When its call began, as the control block has it. */
  readonly startedAt: number;
  /** Of `performance.now()`. */
  readonly deadline: number;
  readonly guest: SuspendedGuest;
  /** Known once it may go on. */
  by: Answer | 'cancelled' | undefined;
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
  answer(ask: number, answer: Answer): SuspendedCall | undefined {
    return this.#end(this.#byAsk.get(ask), answer);
  }

  /** The caller gave up. Undefined where the guest does not wait. */
  cancel(seq: number): SuspendedCall | undefined {
    return this.#end(this.#bySeq.get(seq), 'cancelled');
  }

  #end(call: SuspendedCall | undefined, by: Answer | 'cancelled'): SuspendedCall | undefined {
    if (!call) return undefined;
    this.#byAsk.delete(call.ask);
    this.#bySeq.delete(call.seq);
    call.by = by;
    return call;
  }
}
