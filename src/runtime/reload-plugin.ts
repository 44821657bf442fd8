import { performance } from 'node:perf_hooks';
import semver from 'semver';
import { cordonError } from '../errors/cordon-error.js';
import { readEmbeddedManifest } from './embedded-manifest.js';
import { loadPlugin } from './load-plugin.js';
import { linksOf, resolveToLoad } from './load-set.js';
import { FILE_SOURCE, type LoadTarget, loadTarget } from './load-target.js';
import { type LoadedPlugin, openLock, recordInLock } from './lock.js';
import type { PluginUnit } from './plugin-unit.js';
import type { Runtime } from './runtime.js';
import { retire } from './unload-plugin.js';

export interface ReloadOptions {
  /** A range or version; default any. */
  readonly to?: string | undefined;
  readonly drainMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Brings up another version, or the same one from its files as they are now, beside the one that serves; then calls go
 * to the new one and the old one is drained. Whatever fails before that leaves the old one as it is.
 */
export async function reloadPlugin(
  runtime: Runtime,
  old: PluginUnit,
  { to = '*', drainMs, signal }: ReloadOptions,
): Promise<PluginUnit> {
  const begun = performance.now();
  runtime.catalog.refresh();
  const wanted = await reloadTarget(runtime, old, to);
  const lock = await openLock(runtime.options, signal);
  const resolution = await resolveToLoad(runtime, [wanted], { lock, signal, without: old });
  const target = resolution.order.find(({ name }) => name === old.name);
  if (!target)
    throw cordonError('ERR_NOT_FOUND', `No version of ${old.name} satisfies "${to}".`, { plugin: old.name });
  const brought: LoadedPlugin[] = [];
  try {
    for (const plugin of resolution.order) {
      if (plugin.isLoaded || plugin === target) continue;
      const links = linksOf(plugin);
      brought.push([plugin, await loadPlugin(runtime, { candidate: plugin.candidate, links, lock, signal })]);
    }
    const unit = await loadPlugin(runtime, {
      candidate: target.candidate,
      links: linksOf(target),
      lock,
      signal,
      replaces: old,
      beforeServing: (unit) =>
        recordInLock(lock, {
          loaded: [...brought, [target, unit]],
          requested: [],
          running: runtime.units.keys(),
        }),
    });
    runtime.emitter.emit('plugin:reloaded', {
      plugin: unit.name,
      version: unit.version,
      fromVersion: old.version,
      durationMs: performance.now() - begun,
      at: Date.now(),
    });
    void retire(runtime, old, drainMs, `version ${unit.version} took over`).catch((error: Error) =>
      runtime.warn('reload', `The old version of ${old.name} was not taken down cleanly: ${error.message}`),
    );
    return unit;
  } catch (error) {
    for (const [, unit] of brought.reverse())
      await retire(runtime, unit, 0, 'the reload that needed it failed');
    throw error;
  }
}

/** A plugin that was loaded from a place of its own is looked for there first, all others in the catalog. */
async function reloadTarget(
  runtime: Runtime,
  { name, candidate }: PluginUnit,
  to: string,
): Promise<LoadTarget> {
  const spec = { spec: `${name}@${to}` };
  if (candidate.source !== FILE_SOURCE) return spec;
  const target = await loadTarget(candidate.origin, {
    read: readEmbeddedManifest,
    maxModuleBytes: runtime.options.validation.maxModuleBytes,
  });
  const found = 'candidate' in target ? target.candidate.manifest : undefined;
  return found?.name === name && semver.satisfies(found.version, to) ? target : spec;
}
