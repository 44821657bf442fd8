import type { TracingChannel } from 'node:diagnostics_channel';
import type { Trace } from '../../src/events/channels.js';

/** What to do at the start and at the end of a piece of work; its message has `error` where it failed. */
export interface WorkListener<Message extends Trace> {
  readonly start?: (message: Message) => void;
  readonly end: (message: Message) => void;
}

/** Listens to one tracing channel for the work of one host. */
export function subscribe<Message extends Trace>(
  channel: TracingChannel<unknown, Message>,
  host: object,
  { start, end }: WorkListener<Message>,
): () => void {
  const only = (work: (message: Message) => void) => (message: unknown) => {
    if ((message as Message).host === host) work(message as Message);
  };
  const nothing = (): void => {};
  // All of Cordon's work is asynchronous: `end` is where its promise was made, `asyncEnd` where that is settled.
  const listeners = {
    start: only(start ?? nothing),
    end: nothing,
    asyncStart: nothing,
    asyncEnd: only(end),
    error: nothing,
  };
  channel.subscribe(listeners as never);
  return () => {
    channel.unsubscribe(listeners as never);
  };
}
