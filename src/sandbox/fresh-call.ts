import type { CallMessage, GuestSpec } from './protocol.js';
import type { SentJob } from './sent-job.js';

const NO_VARS: ReadonlyMap<string, Uint8Array> = new Map();

/** Runs a job in an instance that is made for it and disposed of with it. */
export function sendFreshCall(sent: SentJob, spec: GuestSpec, startTimeoutMs: number): void {
  const { job, thread } = sent;
  const message: CallMessage = {
    op: 'call',
    seq: job.seq,
    instance: 0,
    fn: job.fn,
    input: job.input,
    timeoutMs: job.timeoutMs,
    fuel: job.fuel,
    fresh: { spec: spec.id, vars: NO_VARS, startTimeoutMs },
  };
  job.onSent(sent.at);
  thread.define(spec);
  thread.start(message, sent, sent.at);
}
