import { NumberMap } from './number-map.js';

/** A question of a guest that waits for its answer. */
interface OpenAsk {
  readonly ask: number;
  /** The work that asks. */
  readonly seq: number;
  /** The thread waits with it. */
  readonly blocks: boolean;
}

/** What the guests of one thread wait for. */
export class OpenAsks {
  readonly #asks = new NumberMap<OpenAsk>();
  /** The same by the work that asks: a guest waits for one thing at a time. */
  readonly #asking = new NumberMap<OpenAsk>();
  /** Works whose guests block the thread, the innermost last. */
  readonly #blocking: number[] = [];

  /** The work whose guest blocks the thread at present, under which no other does; undefined where none does. */
  get innermostBlocking(): number | undefined {
    return this.#blocking.at(-1);
  }

  isAsking(seq: number): boolean {
    return this.#asking.has(seq);
  }

  isBlocking(seq: number): boolean {
    return this.#blocking.includes(seq);
  }

  open(ask: number, seq: number, blocks: boolean): void {
    const open = { ask, seq, blocks };
    this.#asks.set(ask, open);
    this.#asking.set(seq, open);
    if (blocks) this.#blocking.push(seq);
  }

  /** Nobody waits for it any more. False where nobody did. */
  close(ask: number): boolean {
    const open = this.#asks.get(ask);
    if (!open) return false;
    this.#asks.delete(ask);
    this.#asking.delete(open.seq);
    if (open.blocks) this.#blocking.splice(this.#blocking.lastIndexOf(open.seq), 1);
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
