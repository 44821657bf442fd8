import type { TaskMessage } from './fair-inbox.js';
import { NumberMap } from './number-map.js';
import type { CallMessage } from './protocol.js';

/** An instance in the midst of a call. */
interface BusyInstance {
  readonly seq: number;
  /** Nearly always nothing. */
  waiting: TaskMessage[] | undefined;
}

/** The instances of a thread whose guests are in the midst of a call and may be suspended, with what came for them since. */
export class BusyInstances {
  readonly #busy = new NumberMap<BusyInstance>();

  /** It is in the midst of the call `seq`. */
  add(instance: number, seq: number): void {
    this.#busy.set(instance, { seq, waiting: undefined });
  }

  /** The call that it is in the midst of, behind whose end the message waits from now on; undefined where it is free. */
  holdBack(instance: number, message: TaskMessage): number | undefined {
    const busy = this.#busy.get(instance);
    if (!busy) return undefined;
    busy.waiting ??= [];
    busy.waiting.push(message);
    return busy.seq;
  }

  /** Its call is over: what came for it meanwhile, in order. */
  free(instance: number): readonly TaskMessage[] {
    const waiting = this.#busy.get(instance)?.waiting ?? NONE;
    this.#busy.delete(instance);
    return waiting;
  }

  /** Takes out the calls that wait for the end of the one that it is in the midst of. */
  takeCallsOf(instance: number): CallMessage[] {
    const waiting = this.#busy.get(instance)?.waiting;
    if (!waiting) return [];
    const calls = waiting.filter((message) => message.op === 'call');
    const rest = waiting.filter((message) => message.op !== 'call');
    waiting.splice(0, waiting.length, ...rest);
    return calls;
  }

  /** Takes out a call that waits; false where it does not. */
  remove(seq: number): boolean {
    for (const { waiting } of this.#busy.values()) {
      const at = waiting ? waiting.findIndex((message) => message.op === 'call' && message.seq === seq) : -1;
      if (at < 0) continue;
      waiting!.splice(at, 1);
      return true;
    }
    return false;
  }
}

const NONE: readonly TaskMessage[] = [];
