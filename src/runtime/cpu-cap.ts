import { DEFAULT_LIMITS } from '../manifest/limits.js';
import type { Manifest } from '../manifest/manifest.js';
import type { RuntimeOptions } from './runtime-options.js';

/**
 * Is a plugin's `limits.cpuPercent` held in any case? One that the manifest or the host states is. The default that nobody
 * stated says who goes first where several wait, and takes nothing from a plugin while the processor has time to spare.
 */
export function isCpuCap(manifest: Manifest, { limits }: Pick<RuntimeOptions, 'limits'>): boolean {
  return manifest.limits.cpuPercent !== undefined || limits.cpuPercent !== DEFAULT_LIMITS.cpuPercent;
}
