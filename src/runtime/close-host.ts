import { performance } from 'node:perf_hooks';
import type { Runtime } from './runtime.js';
import { retire } from './unload-plugin.js';

/** The way of a close: no new calls → every plugin in the reverse order of activation → threads, sockets, timers. */
export async function closeHost(
  runtime: Runtime & { dispose(): Promise<void> },
  drainMs: number,
): Promise<void> {
  runtime.state = 'closing';
  const until = performance.now() + drainMs;
  for (const unit of [...runtime.units.values()].reverse()) {
    await retire(runtime, unit, Math.max(0, until - performance.now()), 'the host closes');
  }
  // Old versions of a reload may still be draining.
  for (const unit of [...runtime.unitsBySpec.values()]) await retire(runtime, unit, 0, 'the host closes');
  await runtime.dispose();
}
