import { performance } from 'node:perf_hooks';
import type { ControlBlock } from './control-block.js';

/** A guest sleeps in its thread until then, by `performance.now()`, and its host sees that. False where it was cancelled. */
export function sleepInThread(control: ControlBlock, until: number, isCancelled: () => boolean): boolean {
  control.isSleeping = true;
  try {
    for (;;) {
      const seen = control.mail;
      if (isCancelled()) return false;
      const left = until - performance.now();
      if (left <= 0) return true;
      control.sleep(seen, Math.min(left, 2 ** 30));
    }
  } finally {
    control.isSleeping = false;
  }
}
