import type { Failure } from '../sandbox/protocol.js';
import type { Runtime } from './runtime.js';

const LONGEST_MS = 2 ** 31 - 1;

/** Ends all calls that are still under way in so many milliseconds, unless it is called off. */
export function endCallsAfter(runtime: Runtime, ms: number): () => void {
  if (ms === Number.POSITIVE_INFINITY) return () => {};
  const timer = setTimeout(() => endCalls(runtime), Math.min(ms, LONGEST_MS));
  return () => clearTimeout(timer);
}

/** Whoever waits for these plugins to have drained goes on at once. */
function endCalls(runtime: Runtime): void {
  for (const unit of [...runtime.unitsBySpec.values()]) {
    if (unit.calls === 0) continue;
    const closed: Failure = {
      code: 'ERR_CLOSED',
      message: `The host was closed before the call of ${unit.name}@${unit.version} was over.`,
    };
    unit.pool.close(closed).catch((error: Error) => {
      runtime.warn('thread', `A thread of ${unit.name} did not end cleanly: ${error.message}`);
    });
  }
}
