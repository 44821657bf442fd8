import type { AskingImport } from './asking-import.js';
import type { Wasi } from './wasi/create-wasi.js';

/** What is shorter the thread waits out: to suspend a guest and to wake it takes both ends some ten microseconds, and a guest may ask on and on. */
const SHORTEST_MS = 1;

/** WASI's `poll_oneoff` for a guest that can be suspended: while it waits for a clock, its thread goes on with others. */
export function pollImport(wasi: () => Wasi): AskingImport {
  const block = (args: unknown[]): number => wasi().imports.poll_oneoff(...(args as number[]));
  // A guest waits for one thing at a time.
  let polled: ReturnType<Wasi['beginPoll']> = 0;
  return {
    params: ['i32', 'i32', 'i32', 'i32'],
    result: 'i32',
    block,
    ask(args) {
      polled = wasi().beginPoll(args);
      if (typeof polled !== 'number') {
        if (polled.ms >= SHORTEST_MS) return { kind: 'sleep', ms: polled.ms };
        polled = block(args);
      }
      return undefined;
    },
    answer: () => (typeof polled === 'number' ? polled : polled.wake()),
  };
}
