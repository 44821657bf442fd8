import { FairTurns } from './fair-turns.js';
import { Fifo } from './fifo.js';
import type { CallMessage, ToThread } from './protocol.js';
import type { ResumeMessage } from './suspended-calls.js';

/** What a thread has to do. The rest of what it is sent takes effect at once, and waits for no turn. */
export type TaskMessage = Exclude<ToThread, { readonly op: 'cancel' | 'answer' }> | ResumeMessage;

/** For an instance that is not known any more: its calls go back to the host, which costs nothing. */
const NOBODY = 0;

/** Calls of no time at all are not for nothing. */
const LEAST_MS = 0.01;

/** What there is to do for one plugin. */
interface PluginTasks {
  /** Of calls that were begun or taken before: they come first. */
  readonly ahead: Fifo<TaskMessage>;
  readonly rest: Fifo<TaskMessage>;
}

/**
 * What a thread has still to do: for each plugin in the order in which it came, and among plugins by the processor time
 * that each has used here. So a plugin that floods a thread delays its own calls, and others' by one at most.
 */
export class FairInbox {
  readonly #turns = new FairTurns<number>();
  readonly #tasks = new Map<number, PluginTasks>();
  readonly #specs = new Map<number, number>();

  /** What was begun goes before what was not. */
  add(message: TaskMessage): void {
    if (message.op === 'instantiate') this.#specs.set(message.instance, message.spec);
    const { ahead, rest } = this.#join(this.#specOf(message));
    if (message.op === 'resume') ahead.push(message);
    else rest.push(message);
  }

  /** Puts back what was taken, before all of its plugin that was not begun. */
  putBack(messages: readonly TaskMessage[]): void {
    for (const message of messages) this.#join(this.#specOf(message)).ahead.push(message);
  }

  /** Takes what comes next. */
  shift(): TaskMessage | undefined {
    const spec = this.#turns.next();
    if (spec === undefined) return undefined;
    const { ahead, rest } = this.#tasks.get(spec)!;
    const message = ahead.shift() ?? rest.shift();
    const isEmpty = ahead.length + rest.length === 0;
    if (isEmpty) this.#turns.leave(spec);
    if (message?.op === 'forget' && isEmpty) {
      this.#tasks.delete(spec);
      this.#turns.forget(spec);
    }
    return message;
  }

  /** Takes the first call that `accept` wants, whosever turn it is. */
  takeCall(accept: (message: CallMessage) => boolean): CallMessage | undefined {
    for (const [spec, { ahead, rest }] of this.#tasks) {
      for (const queue of [ahead, rest]) {
        const message = queue.take((one) => one.op === 'call' && accept(one));
        if (!message) continue;
        if (ahead.length + rest.length === 0) this.#turns.leave(spec);
        return message as CallMessage;
      }
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

  #join(spec: number): PluginTasks {
    let tasks = this.#tasks.get(spec);
    if (!tasks) {
      tasks = { ahead: new Fifo(), rest: new Fifo() };
      this.#tasks.set(spec, tasks);
    }
    this.#turns.join(spec);
    return tasks;
  }

  #specOf(message: TaskMessage): number {
    switch (message.op) {
      case 'define':
        return message.spec.id;
      case 'forget':
      case 'instantiate':
      case 'resume':
        return message.spec;
      case 'call':
        return message.fresh?.spec ?? this.#specs.get(message.instance) ?? NOBODY;
      case 'dispose':
        return this.#specs.get(message.instance) ?? NOBODY;
    }
  }
}
