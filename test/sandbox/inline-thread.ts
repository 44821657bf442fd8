import { compileKernel } from '../../src/kernel/kernel.js';
import { ControlBlock } from '../../src/sandbox/control-block.js';
import type { FromThread, ToThread } from '../../src/sandbox/protocol.js';
import { SandboxThreadEntry } from '../../src/sandbox/thread-entry.js';
import type { ThreadBudgets } from '../../src/sandbox/thread-services.js';

/** A sandbox thread that runs in the one of the test: what it is sent, and what it says. */
export function inlineThread(budgets: ThreadBudgets = {}) {
  const said: FromThread[] = [];
  const waiters: (() => void)[] = [];
  const control = new ControlBlock();
  let hand: (batch: readonly ToThread[]) => void = () => {};
  const port = {
    listen: (take: typeof hand) => {
      hand = take;
    },
    receive: () => undefined,
    linger: (seen: number) => control.mail !== seen,
    send: (batch: readonly FromThread[]) => {
      said.push(...batch);
      for (const wake of waiters.splice(0)) wake();
    },
  };
  new SandboxThreadEntry(port, compileKernel(), control, budgets);
  const until = async (wanted: (message: FromThread) => boolean, count: number) => {
    while (said.filter(wanted).length < count) await new Promise<void>((resolve) => waiters.push(resolve));
    return said.filter(wanted);
  };
  const send = (...batch: ToThread[]) => {
    control.ring();
    hand(batch);
  };
  return { send, until };
}
