import type { Answer } from './protocol.js';

/** With what a suspended guest goes on. */
export type Resumption = Answer | 'deadline' | 'cancelled';

/** A suspended guest may go on, when it is its turn. */
export interface ResumeMessage {
  readonly op: 'resume';
  readonly seq: number;
  readonly spec: number;
  readonly resume: (by: Resumption) => void;
  readonly by: Answer | 'cancelled';
}

interface Waiting extends Omit<ResumeMessage, 'op' | 'by'> {
  readonly ask: number;
}

/** The calls of a thread whose guests are suspended until their host answers. */
export class SuspendedCalls {
  readonly #byAsk = new Map<number, Waiting>();
  readonly #bySeq = new Map<number, Waiting>();

  /** The guest of the call `seq` waits for the answer to `ask`. A guest waits for one thing at a time. */
  wait(ask: number, seq: number, spec: number): Promise<Resumption> {
    return new Promise((resume) => {
      const waiting = { ask, seq, spec, resume };
      this.#byAsk.set(ask, waiting);
      this.#bySeq.set(seq, waiting);
    });
  }

  /** The answer is there. Undefined where nobody waits for it any more. */
  answer(ask: number, answer: Answer): ResumeMessage | undefined {
    return this.#end(this.#byAsk.get(ask), answer);
  }

  /** The caller gave up. Undefined where the guest does not wait. */
  cancel(seq: number): ResumeMessage | undefined {
    return this.#end(this.#bySeq.get(seq), 'cancelled');
  }

  #end(waiting: Waiting | undefined, by: ResumeMessage['by']): ResumeMessage | undefined {
    if (!waiting) return undefined;
    const { ask, seq, spec, resume } = waiting;
    this.#byAsk.delete(ask);
    this.#bySeq.delete(seq);
    return { op: 'resume', seq, spec, resume, by };
  }
}
