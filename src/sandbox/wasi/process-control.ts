import type { WasiContext } from './context.js';
import { Fault } from './fault.js';
import type { WasiFunctions } from './signatures.js';

export function processControl({
  stop,
}: WasiContext): Pick<WasiFunctions, 'proc_exit' | 'proc_raise' | 'sched_yield'> {
  return {
    proc_exit: (code) => stop({ kind: 'exit', code }),
    proc_raise() {
      throw new Fault('NOSYS');
    },
    sched_yield() {},
  };
}
