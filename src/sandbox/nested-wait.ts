import type { Job } from './job.js';
import { type WaitedFor, waysOut } from './waiting-circle.js';

/** How a job that a guest waits for can be over: as things are; when it runs inside of the call that blocks its thread; or not at all. */
export type WayOut = 'as things are' | 'inside' | 'never';

/**
 * The guest that a job is for, if any, waits for it from now on, where `call` says. Where both would wait for each other, those are begun inside of the calls
 * that block their threads by which they do not.
 */
export function beginWait({ parent }: Job, call: WaitedFor): WayOut {
  if (!parent) return 'as things are';
  parent.thread.waitFor(parent.seq, call);
  const inside = waysOut(call, parent.seq);
  if (!inside) return 'never';
  let way: WayOut = 'as things are';
  for (const { thread, seq } of inside) {
    if (seq === call.seq) way = 'inside';
    else thread.runInside(seq);
  }
  return way;
}

/** It is over, or has to go elsewhere. By now its guest may wait for another one. */
export function endWait({ parent, seq }: Job): void {
  if (parent?.thread.waitOf(parent.seq)?.seq === seq) parent.thread.waitFor(parent.seq, undefined);
}
