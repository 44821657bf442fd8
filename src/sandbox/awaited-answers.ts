import { jobNumberAfter } from './job-number.js';
import type { Answer, CallMessage } from './protocol.js';
import { MAX_PAYLOAD_BYTES } from './record-ring.js';
import type { RunOutcome } from './run-outcome.js';

const NOTHING = new Uint8Array();

interface Awaited {
  readonly ask: number;
  answer: Answer | undefined;
}

/** What guests that block their thread wait for, with the answer once it came. */
export class AwaitedAnswers {
  /** As the guests are, one inside of the other, the innermost last. */
  readonly #awaited: Awaited[] = [];
  #last = 0;

  /** The number of the next question of this thread. They go through words of 32 bits, as those of jobs do. */
  next(): number {
    this.#last = jobNumberAfter(this.#last);
    return this.#last;
  }

  /** A guest waits for it from now on. */
  expect(ask: number): void {
    this.#awaited.push({ ask, answer: undefined });
  }

  /** The answer, once it is there. */
  of(ask: number): Answer | undefined {
    return this.#find(ask)?.answer;
  }

  /** Nobody waits for it any more, nor for what was asked inside of it. */
  forget(ask: number): void {
    const at = this.#awaited.findLastIndex((one) => one.ask === ask);
    if (at >= 0) this.#awaited.length = at;
  }

  /** False where nobody waits for it: one that comes after the deadline would be kept for ever. */
  give(ask: number, answer: Answer): boolean {
    const awaited = this.#find(ask);
    if (awaited) awaited.answer = answer;
    return awaited !== undefined;
  }

  #find(ask: number): Awaited | undefined {
    for (let at = this.#awaited.length - 1; at >= 0; at--) {
      if (this.#awaited[at]!.ask === ask) return this.#awaited[at];
    }
    return undefined;
  }
}

/**
 * A call that the host made to answer a guest of this very thread went well: what it gave is the answer, with no way to the
 * host and back. Undefined where the host has to judge what came of it, or is sent the only copy of a large output.
 */
export function answerBy(
  { answers }: CallMessage,
  { failure, output = NOTHING }: RunOutcome,
): Answer | undefined {
  if (answers === undefined || failure || output.byteLength >= MAX_PAYLOAD_BYTES) return undefined;
  return { ok: true, value: output };
}
