import type { Clock, WasiContext } from './context.js';
import { Fault } from './fault.js';
import type { WasiFunctions } from './signatures.js';

export const CLOCK_ID = { realtime: 0, monotonic: 1, processCpu: 2, threadCpu: 3 } as const;

/** What `Date.now` and `process.hrtime` count in. */
const RESOLUTION_NS = [1_000_000n, 1n, 1n, 1n] as const;

export const HOST_CLOCK: Clock = {
  realtimeNs: () => BigInt(Date.now()) * 1_000_000n,
  monotonicNs: () => process.hrtime.bigint(),
};

/**
 * The time of a clock in nanoseconds; EINVAL for one that does not exist. The two processor clocks count the time
 * since the instance began: the processor time of a shared thread is not the guest's, nor its to know.
 */
export function timeOf(clock: Clock, startedNs: bigint, id: number): bigint {
  switch (id) {
    case CLOCK_ID.realtime:
      return clock.realtimeNs();
    case CLOCK_ID.monotonic:
      return clock.monotonicNs();
    case CLOCK_ID.processCpu:
    case CLOCK_ID.threadCpu:
      return clock.monotonicNs() - startedNs;
    default:
      throw new Fault('INVAL');
  }
}

export function clocks(context: WasiContext): Pick<WasiFunctions, 'clock_res_get' | 'clock_time_get'> {
  const startedNs = context.clock.monotonicNs();
  return {
    clock_res_get(id, result) {
      const resolution = RESOLUTION_NS[id];
      if (resolution === undefined) throw new Fault('INVAL');
      context.memory.setU64(result, resolution);
    },
    clock_time_get(id, _precision, result) {
      context.memory.setU64(result, timeOf(context.clock, startedNs, id));
    },
  };
}
