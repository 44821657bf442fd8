import { availableParallelism } from 'node:os';
import { ringBuffer } from './record-ring.js';

/** The memory that a host shares with a thread of its own process, beside the control block. */
export interface SharedMemory {
  /** The rings of either direction. */
  readonly toThread: SharedArrayBuffer;
  readonly toHost: SharedArrayBuffer;
  /** One word, the same for all threads of the process: how many of them have work under way, as their hosts see it. */
  readonly active: SharedArrayBuffer;
}

const active = new SharedArrayBuffer(4);
const activeThreads = new Int32Array(active);

/** The rings of a new thread. */
export function sharedMemory(): SharedMemory {
  return { toThread: ringBuffer(), toHost: ringBuffer(), active };
}

/** Host: a thread got its first work, or ended its last. */
export function countActive(change: 1 | -1): void {
  Atomics.add(activeThreads, 0, change);
}

const PROCESSORS = availableParallelism();

/**
 * Is there a processor that nobody else of this process needs, for one that spins? The host's own thread and those with
 * work come first: who spins where there is none takes the time from the very one whom it waits for.
 */
export function maySpin(threads: Int32Array = activeThreads): boolean {
  return Atomics.load(threads, 0) < PROCESSORS;
}

/** What a message port carries only to wake the other end: it has nothing to say. */
export const WAKE = 0;
