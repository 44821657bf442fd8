import { NumberMap } from './number-map.js';

/** A question of a guest that waits for its answer. */
interface OpenAsk {
  readonly ask: number;
  /** The work that asks. */
  readonly seq: number;
  /** The thread waits with it. */
  readonly blocks: boolean;
  isAnswered: boolean;
}

/** What a work has done so far. */
export interface WorkSoFar {
  /** Its guest has waited for the host. */
  readonly hasAsked: boolean;
  /** It was suspended then. */
  readonly wasSuspended: boolean;
  /** It is to run inside of this one, which blocks the thread. */
  readonly within: number | undefined;
}

/** What the guests of one thread wait for. */
export class OpenAsks {
  readonly #asks = new NumberMap<OpenAsk>();
  /** The same by the work that asks: a guest waits for one thing at a time. */
  readonly #asking = new NumberMap<OpenAsk>();
  /**
   * Those whose guests block the thread, one on top of the other, the innermost last. One that was answered while others wait on top of it stays
   * until these are over: its guest cannot go on before.
   */
  readonly #blocking: OpenAsk[] = [];

  /** The work whose guest blocks the thread at present, under which no other does; undefined where none does. */
  get innermostBlocking(): number | undefined {
    return this.#blocking.at(-1)?.seq;
  }

  isAsking(seq: number): boolean {
    return this.#asking.has(seq);
  }

  isBlocking(seq: number): boolean {
    return this.#blocking.some((open) => open.seq === seq && !open.isAnswered);
  }

  /** The works that have to be over before this one, which is not over, can begin or go on: their guests block the thread. */
  holding(seq: number, { hasAsked, wasSuspended, within }: WorkSoFar): readonly number[] {
    const all = this.#blocking.map((open) => open.seq);
    // One that was suspended is not on the stack, and has its turn when nobody blocks the thread.
    if (wasSuspended) return all;
    const on = hasAsked ? seq : within;
    const at = on === undefined ? -1 : all.indexOf(on);
    if (at >= 0) return all.slice(at + 1);
    // One that asked before and is not there runs on top of all of them.
    return hasAsked ? [] : all;
  }

  open(ask: number, seq: number, blocks: boolean): void {
    const open = { ask, seq, blocks, isAnswered: false };
    this.#asks.set(ask, open);
    this.#asking.set(seq, open);
    if (blocks) this.#blocking.push(open);
  }

  /** Nobody waits for it any more. False where nobody did. */
  close(ask: number): boolean {
    const open = this.#asks.get(ask);
    if (!open) return false;
    this.#asks.delete(ask);
    this.#asking.delete(open.seq);
    open.isAnswered = true;
    while (this.#blocking.at(-1)?.isAnswered) this.#blocking.pop();
    return true;
  }

  /** This work is over, and what it asked for with it. */
  forget(seq: number): void {
    const open = this.#asking.get(seq);
    if (open) this.close(open.ask);
  }

  clear(): void {
    this.#asks.clear();
    this.#asking.clear();
    this.#blocking.length = 0;
  }
}
