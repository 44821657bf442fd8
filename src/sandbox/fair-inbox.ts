import { FairTurns } from './fair-turns.js';
import { Fifo } from './fifo.js';
import type { CallMessage, ToThread } from './protocol.js';
import type { SuspendedCall } from './suspended-calls.js';

/** What a thread has to do. The rest of what it is sent takes effect at once, and waits for no turn. */
export type TaskMessage =
  | Exclude<ToThread, { readonly op: 'cancel' | 'answer' | 'recall' | 'within' }>
  | SuspendedCall;

/** For an instance that is not known any more: its calls go back to the host, which costs nothing. */
const NOBODY = 0;

/** Calls of no time at all are not for nothing. */
const LEAST_MS = 0.01;

/** What there is to do for one plugin. */
interface PluginTasks {
  /** What was taken before, and put back: it comes first. */
  readonly back: Fifo<TaskMessage>;
  /** Guests that were suspended and may go on. */
  readonly begun: Fifo<TaskMessage>;
  readonly rest: Fifo<TaskMessage>;
  /** By how many milliseconds of the processor the begun are ahead of the calls that wait, since both do. */
  leadMs: number;
  /** What was taken last, while both waited. */
  last: 'begun' | 'new' | undefined;
}

/**
 * What a thread has still to do: for each plugin in the order in which it came, and among plugins by the processor time
 * that each has used here. So a plugin that floods a thread delays its own calls, and others' by one at most.
 *
 * Of one plugin, guests that were suspended and may go on share the time evenly with calls that are not begun, and with instances that are to be made. Were those
 * that were begun always first, calls would begin one after the other that could wait for their hosts at the same time.
 */
export class FairInbox {
  readonly #turns = new FairTurns<number>();
  readonly #tasks = new Map<number, PluginTasks>();
  readonly #specs = new Map<number, number>();

  add(message: TaskMessage): void {
    if (message.op === 'instantiate') this.#specs.set(message.instance, message.spec);
    const { begun, rest } = this.#join(this.#specOf(message));
    if (message.op === 'resume') begun.push(message);
    else rest.push(message);
  }

  /** Puts back what was taken, before all else of its plugin. */
  putBack(messages: readonly TaskMessage[]): void {
    for (const message of messages) this.#join(this.#specOf(message)).back.push(message);
  }

  /** Takes what comes next. */
  shift(): TaskMessage | undefined {
    const spec = this.#turns.next();
    if (spec === undefined) return undefined;
    const tasks = this.#tasks.get(spec)!;
    const message = take(tasks);
    const isEmpty = isDone(tasks);
    if (isEmpty) this.#turns.leave(spec);
    if (message?.op === 'forget' && isEmpty) {
      this.#tasks.delete(spec);
      this.#turns.forget(spec);
    }
    return message;
  }

  /** Takes the first call that `accept` wants, whosever turn it is. */
  takeCall(accept: (message: CallMessage) => boolean): CallMessage | undefined {
    for (const [spec, tasks] of this.#tasks) {
      for (const queue of [tasks.back, tasks.rest]) {
        const message = queue.take((one) => one.op === 'call' && accept(one));
        if (!message) continue;
        if (isDone(tasks)) this.#turns.leave(spec);
        return message as CallMessage;
      }
    }
    return undefined;
  }

  /** This call is to run inside of another one. */
  runInside(seq: number, within: number): void {
    const call = this.takeCall((one) => one.seq === seq);
    if (call) this.putBack([{ ...call, within }]);
  }

  /** Takes all calls for this instance. */
  takeCallsOf(instance: number): CallMessage[] {
    const spec = this.#specs.get(instance) ?? NOBODY;
    const tasks = this.#tasks.get(spec);
    if (!tasks) return [];
    const isOfIt = (message: TaskMessage): boolean =>
      message.op === 'call' && !message.fresh && message.instance === instance;
    const taken = [...tasks.back.takeAll(isOfIt), ...tasks.rest.takeAll(isOfIt)] as CallMessage[];
    if (taken.length > 0 && isDone(tasks)) this.#turns.leave(spec);
    return taken;
  }

  /** A plugin has used so many milliseconds of the processor. */
  charge(spec: number, cpuMs: number): void {
    const ms = Math.max(cpuMs, LEAST_MS);
    this.#turns.charge(spec, ms);
    const tasks = this.#tasks.get(spec);
    if (tasks?.last) tasks.leadMs += tasks.last === 'begun' ? ms : -ms;
  }

  /** This instance is no more. */
  gone(instance: number): void {
    this.#specs.delete(instance);
  }

  #join(spec: number): PluginTasks {
    let tasks = this.#tasks.get(spec);
    if (!tasks) {
      tasks = { back: new Fifo(), begun: new Fifo(), rest: new Fifo(), leadMs: 0, last: undefined };
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

/** The next of one plugin. */
function take(tasks: PluginTasks): TaskMessage | undefined {
  const { back, begun, rest } = tasks;
  tasks.last = undefined;
  if (back.length > 0) return back.shift();
  // Calls share, and instances that are to be made: behind one of these, as many calls wait as there are, of other tenants too.
  // Whatever else there is, an instance's end among it, comes after what was begun.
  if (begun.length > 0 && isNewWork(rest.first)) {
    tasks.last = tasks.leadMs > 0 ? 'new' : 'begun';
    return tasks.last === 'new' ? rest.shift() : begun.shift();
  }
  // Who has the thread alone takes nothing from the other. (To write this each time costs nothing that can be measured.)
  tasks.leadMs = 0;
  return begun.shift() ?? rest.shift();
}

function isNewWork(message: TaskMessage | undefined): boolean {
  return message?.op === 'call' || message?.op === 'instantiate';
}

function isDone({ back, begun, rest }: PluginTasks): boolean {
  return back.length + begun.length + rest.length === 0;
}
