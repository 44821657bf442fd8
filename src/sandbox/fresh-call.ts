import { quote } from '../log/quote.js';
import { lateFailure } from './instance-slot.js';
import type { Job, JobResult } from './job.js';
import type { GuestSpec } from './protocol.js';
import type { SandboxThread, WorkResult } from './sandbox-thread.js';

const NO_VARS: ReadonlyMap<string, Uint8Array> = new Map();

/** Runs a job in an instance that is made for it and disposed of with it. Undefined where it was never begun. */
export function sendFreshCall(
  thread: SandboxThread,
  spec: GuestSpec,
  startTimeoutMs: number,
  job: Job,
  settle: (result: JobResult | undefined) => void,
): void {
  const { seq, fn, input, timeoutMs, fuel } = job;
  thread.define(spec);
  thread.start(
    {
      op: 'call',
      seq,
      instance: 0,
      fn,
      input,
      timeoutMs,
      fuel,
      fresh: { spec: spec.id, vars: NO_VARS, startTimeoutMs },
    },
    {
      // The thread begins to count anew when the instance has started: see `runsSince`.
      timeoutMs: timeoutMs + startTimeoutMs,
      soonestMs: timeoutMs,
      isMetered: spec.fuelExport !== undefined,
      onTimeout: () => lateFailure(quote(fn), spec, timeoutMs),
      settle: (result) => settle(jobResult(result)),
    },
  );
}

function jobResult(result: WorkResult): JobResult | undefined {
  if (result.kind === 'unstarted') return undefined;
  if (result.kind === 'lost') return { ok: false, failure: result.failure };
  const { message } = result;
  return message.failure ? { ok: false, failure: message.failure, message } : { ok: true, message };
}
