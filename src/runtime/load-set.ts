import type { PluginCandidate } from '../catalog/catalog-source.js';
import { CordonError } from '../errors/cordon-error.js';
import { throwIfAborted } from '../integrity/abortable.js';
import type { LoadedPlugin as RunningPlugin } from '../resolver/request.js';
import type { Resolution } from '../resolver/resolution.js';
import { resolve } from '../resolver/resolve.js';
import { isSkippable, loadPlugin } from './load-plugin.js';
import type { LoadRequest } from './load-request.js';
import { type LoadTarget, targetName } from './load-target.js';
import {
  checkAgainstLock,
  checkUpgraded,
  type LoadedPlugin,
  type Lock,
  lockedPart,
  openLock,
  recordInLock,
} from './lock.js';
import { policyOf } from './plugin-policy.js';
import type { PluginUnit } from './plugin-unit.js';
import { recordRefusal } from './record-refusal.js';
import type { Runtime } from './runtime.js';
import { retire } from './unload-plugin.js';
import { VERSION } from './version.js';
import { versionRules } from './version-rules.js';

export interface ResolveOptions {
  readonly lock: Lock | undefined;
  readonly signal?: AbortSignal | undefined;
  /** The plugin that is replaced: it may be upgraded, others keep their locked versions. */
  readonly without?: PluginUnit | undefined;
  /** Whose locked versions are not preferred: of all, or of these names. Default: of nobody. */
  readonly upgrade?: boolean | readonly string[] | undefined;
}

/** {@link resolveSet} for a load: that nothing but a missing signature stands in its way is a violation, too. */
export async function resolveToLoad(
  runtime: Runtime,
  targets: readonly LoadTarget[],
  options: ResolveOptions,
): Promise<Resolution<PluginCandidate>> {
  try {
    return await resolveSet(runtime, targets, options, true);
  } catch (error) {
    if (error instanceof CordonError && error.code === 'ERR_SIGNATURE' && error.plugin !== undefined) {
      const name = error.plugin;
      const given = targets.flatMap((target) => ('candidate' in target ? [target.candidate] : []));
      const offered = [...given, ...(await runtime.catalog.candidates(name))];
      const newest = offered.find(({ manifest }) => manifest.name === name)?.manifest;
      recordRefusal(runtime, newest ?? { name, version: '' }, error);
    }
    throw error;
  }
}

/**
 * Resolves what is asked for together with what runs, without loading anything. `isPartial`: what runs and has nothing to do with
 * it may be left out of the result.
 */
export async function resolveSet(
  runtime: Runtime,
  targets: readonly LoadTarget[],
  options: ResolveOptions,
  isPartial = false,
): Promise<Resolution<PluginCandidate>> {
  const given = new Map<string, PluginCandidate>();
  for (const target of targets) {
    if ('candidate' in target) given.set(target.candidate.manifest.name, target.candidate);
  }
  const { catalog } = runtime;
  const { lock, signal, without, upgrade = false } = options;
  // Who asks for newer versions does not mean those that were the newest when the catalog was read first.
  if (upgrade !== false) catalog.refresh();
  const resolution = await resolve({
    specs: targets.map((target) =>
      'spec' in target
        ? target.spec
        : { name: target.candidate.manifest.name, range: target.candidate.manifest.version },
    ),
    source: {
      sources: catalog.sources,
      candidates: async (name, query) => {
        const candidate = given.get(name);
        return candidate ? [candidate] : catalog.candidates(name, query);
      },
      providers: async (name, query) => {
        const own = [...given.values()].filter(({ manifest }) => Object.hasOwn(manifest.provides, name));
        return [
          ...new Set([
            ...own.map(({ manifest }) => manifest.name),
            ...(await catalog.providers(name, query)),
          ]),
        ];
      },
      names: (query) => catalog.names(query),
      broken: (name, query) => catalog.broken(name, query),
    },
    engines: { ...runtime.options.api, cordon: VERSION },
    loaded: loadedPlugins(runtime, without),
    // A list of what to upgrade, and a lock that is held to, are held against all of them.
    isPartial: isPartial && typeof upgrade === 'boolean' && !lock?.frozen,
    rules: versionRules(runtime.options, Date.now()),
    ...lockedPart(lock, upgrade, without),
    ...(signal && { signal }),
  }).catch((error) => {
    // People mend their files and try again: what was found broken, or not at all, is looked for anew then.
    catalog.refresh();
    throw error;
  });
  checkUpgraded(upgrade, resolution, lock);
  checkAgainstLock(lock, resolution);
  return resolution;
}

function loadedPlugins(runtime: Runtime, without: PluginUnit | undefined): RunningPlugin<PluginCandidate>[] {
  return [...runtime.units.values()]
    .filter((unit) => unit !== without)
    .map(({ candidate, links }) => ({ candidate, links }));
}

/** The names of a plugin's dependencies, each with the plugin that serves it. */
export function linksOf(plugin: Resolution<PluginCandidate>['order'][number]): Record<string, string> {
  return Object.fromEntries(plugin.dependencies.map(({ name, plugin: by }) => [name, by]));
}

/**
 * Loads a set: resolved once as a whole, dependencies first, all or nothing. On a failure what this load brought up is
 * taken down again in reverse, and the lockfile is as it was.
 */
export async function loadSet(
  runtime: Runtime,
  targets: readonly LoadTarget[],
  { signal, upgrade }: Pick<ResolveOptions, 'signal' | 'upgrade'>,
): Promise<readonly PluginUnit[]> {
  const lock = await openLock(runtime.options, signal);
  const resolution = await resolveToLoad(runtime, targets, { lock, signal, upgrade });
  const loaded: LoadedPlugin[] = [];
  try {
    for (const plugin of resolution.order) {
      if (plugin.isLoaded) continue;
      throwIfAborted(signal, `loading ${plugin.name}`);
      const isSkippable = mayBeSkipped(runtime, plugin, resolution);
      const request = { candidate: plugin.candidate, links: linksOf(plugin), lock, signal, isSkippable };
      const unit = await loadOrSkip(runtime, request);
      if (unit) loaded.push([plugin, unit]);
    }
    throwIfAborted(signal, 'loading plugins');
    const requested = targets.map(targetName);
    await recordInLock(lock, { loaded, requested, running: runtime.units.keys() });
    return loaded.map(([, unit]) => unit);
  } catch (error) {
    for (const [, unit] of loaded.reverse())
      await retire(runtime, unit, 0, 'another plugin of its load failed');
    throw error;
  }
}

/** The application does without it, and no other plugin of the set needs it. */
function mayBeSkipped(
  runtime: Runtime,
  { name }: { readonly name: string },
  { order }: Resolution<PluginCandidate>,
): boolean {
  if (policyOf(runtime.options, name).failurePolicy !== 'skip') return false;
  return !order.some((other) => other.dependencies.some(({ plugin }) => plugin === name));
}

/** Loads a plugin; undefined where it was left out. */
async function loadOrSkip(runtime: Runtime, request: LoadRequest): Promise<PluginUnit | undefined> {
  const { name, version } = request.candidate.manifest;
  const tell = (why: string, error?: CordonError): void =>
    runtime.warn('restart', `${name}@${version} was skipped: ${why}`, {
      plugin: name,
      version,
      ...(error && { code: error.code }),
    });
  try {
    const unit = await loadPlugin(runtime, request);
    if (unit.lifecycle.state === 'failed') tell(`it does not start. ${unit.stateReason ?? ''}`);
    return unit;
  } catch (error) {
    if (!request.isSkippable || !(error instanceof CordonError) || !isSkippable(error)) throw error;
    runtime.skipped.add(name, error);
    tell(error.message, error);
    return undefined;
  }
}
