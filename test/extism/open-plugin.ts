import createPlugin, { type ExtismPluginOptions, type ManifestLike, type Plugin } from 'cordon/extism';
import { expect, onTestFinished } from 'vitest';
import { liveTimers, watchTimers } from '../host/live-timers.js';
import { activeResources, leftOver } from '../host/open-host.js';

let open = 0;

/** A plugin that is closed after the test, which fails where anything is left then that keeps a process alive. */
export async function openPlugin(
  manifest: ManifestLike | PromiseLike<ManifestLike>,
  options?: ExtismPluginOptions,
): Promise<Plugin> {
  const before = activeResources();
  watchTimers();
  const plugin = await createPlugin(manifest, options);
  open++;
  onTestFinished(async () => {
    await plugin.close();
    if (--open > 0) return;
    expect(liveTimers(), 'timers after close').toEqual([]);
    expect(await leftOver(before), 'what keeps the process alive after close').toEqual([]);
  });
  return plugin;
}

export { assemble, guest } from '../conformance/abi-guest.js';
