import { FairTurns } from './fair-turns.js';
import type { CallMessage, ToThread } from './protocol.js';

/** What a thread has to do. The rest of what it is sent takes effect at once, and waits for no turn. */
export type TaskMessage = Exclude<ToThread, { readonly op: 'cancel' | 'answer' }>;

/** For an instance that is not known any more: its calls go back to the host, which costs nothing. */
const NOBODY = 0;

/** Calls of no time at all are not for nothing. */
const LEAST_MS = 0.01;

/**
 * What a thread has still to do: for each plugin in the order in which it came, and among plugins by the processor time
 * that each has used here. So a plugin that floods a thread delays its own calls, and others' by one at most.
 */
export class FairInbox {
  readonly #turns = new FairTurns<number>();
  readonly #queues = new Map<number, TaskMessage[]>();
  readonly #specs = new Map<number, number>();

  add(message: TaskMessage): void {
    if (message.op === 'instantiate') this.#specs.set(message.instance, message.spec);
    const spec = this.#specOf(message);
    const queue = this.#queues.get(spec);
    if (queue) queue.push(message);
    else this.#queues.set(spec, [message]);
    this.#turns.join(spec);
  }

  /** Takes what comes next. */
  shift(): TaskMessage | undefined {
    const spec = this.#turns.next();
    if (spec === undefined) return undefined;
    const queue = this.#queues.get(spec)!;
    const message = queue.shift();
    if (queue.length === 0) this.#turns.leave(spec);
    if (message?.op === 'forget' && queue.length === 0) {
      this.#queues.delete(spec);
      this.#turns.forget(spec);
    }
    return message;
  }

  /** Takes the first call that `accept` wants, whosever turn it is. */
  takeCall(accept: (message: CallMessage) => boolean): CallMessage | undefined {
    for (const [spec, queue] of this.#queues) {
      const index = queue.findIndex((message) => message.op === 'call' && accept(message));
      if (index < 0) continue;
      const [message] = queue.splice(index, 1);
      if (queue.length === 0) this.#turns.leave(spec);
      return message as CallMessage;
    }
    return undefined;
  }

  /** A plugin has used so many milliseconds of the processor. */
  charge(spec: number, cpuMs: number): void {
    this.#turns.charge(spec, Math.max(cpuMs, LEAST_MS));
  }

  /** This instance is no more. */
  gone(instance: number): void {
    this.#specs.delete(instance);
  }

  #specOf(message: TaskMessage): number {
    switch (message.op) {
      case 'define':
        return message.spec.id;
      case 'forget':
      case 'instantiate':
        return message.spec;
      case 'call':
        return message.fresh?.spec ?? this.#specs.get(message.instance) ?? NOBODY;
      case 'dispose':
        return this.#specs.get(message.instance) ?? NOBODY;
    }
  }
}
