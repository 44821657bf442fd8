import { performance } from 'node:perf_hooks';
import type { AskingImport } from './asking-import.js';
import type { Wasi } from './wasi/create-wasi.js';

/**
 * Naps that take less, all together since it was suspended last, the thread waits out: to suspend a guest and to wake it takes both ends
 * some ten microseconds, and the host has a timer for each. What they really take counts: one of a nanosecond is 60 µs.
 */
const NAPS_MS = 1;

/** WASI's `poll_oneoff` for a guest that can be suspended: while it waits for a clock, its thread goes on with others. */
export function pollImport(wasi: () => Wasi): AskingImport {
  const block = (args: unknown[]): number => wasi().imports.poll_oneoff(...(args as number[]));
  // A guest waits for one thing at a time.
  let polled: ReturnType<Wasi['beginPoll']> = 0;
  let nappedMs = 0;
  return {
    params: ['i32', 'i32', 'i32', 'i32'],
    result: 'i32',
    block,
    ask(args) {
      polled = wasi().beginPoll(args);
      if (typeof polled === 'number') return undefined;
      const { ms } = polled;
      if (nappedMs + ms < NAPS_MS) {
        const before = performance.now();
        polled = block(args);
        nappedMs += performance.now() - before;
        return undefined;
      }
      nappedMs = 0;
      return { kind: 'sleep', ms };
    },
    answer: () => (typeof polled === 'number' ? polled : polled.wake()),
  };
}
