import type { PluginCandidate } from '../catalog/catalog-source.js';
import { throwIfAborted } from '../integrity/abortable.js';
import type { LoadedPlugin } from '../resolver/request.js';
import type { Resolution } from '../resolver/resolution.js';
import { resolve } from '../resolver/resolve.js';
import { loadPlugin } from './load-plugin.js';
import type { LoadTarget } from './load-target.js';
import type { PluginUnit } from './plugin-unit.js';
import type { Runtime } from './runtime.js';
import { retire } from './unload-plugin.js';
import { VERSION } from './version.js';

/** Resolves what is asked for together with what runs, without loading anything. */
export async function resolveSet(
  runtime: Runtime,
  targets: readonly LoadTarget[],
  options: { readonly signal?: AbortSignal | undefined; readonly without?: PluginUnit | undefined } = {},
): Promise<Resolution<PluginCandidate>> {
  const given = new Map<string, PluginCandidate>();
  for (const target of targets) {
    if ('candidate' in target) given.set(target.candidate.manifest.name, target.candidate);
  }
  const { catalog } = runtime;
  const { signal } = options;
  return resolve({
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
    loaded: loadedPlugins(runtime, options.without),
    ...(signal && { signal }),
  });
}

function loadedPlugins(runtime: Runtime, without: PluginUnit | undefined): LoadedPlugin<PluginCandidate>[] {
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
 * taken down again in reverse.
 */
export async function loadSet(
  runtime: Runtime,
  targets: readonly LoadTarget[],
  signal?: AbortSignal,
): Promise<readonly PluginUnit[]> {
  const resolution = await resolveSet(runtime, targets, { signal });
  const loaded: PluginUnit[] = [];
  try {
    for (const plugin of resolution.order) {
      if (plugin.isLoaded) continue;
      throwIfAborted(signal, `loading ${plugin.name}`);
      loaded.push(await loadPlugin(runtime, { candidate: plugin.candidate, links: linksOf(plugin), signal }));
    }
    throwIfAborted(signal, 'loading plugins');
    return loaded;
  } catch (error) {
    for (const unit of loaded.reverse()) await retire(runtime, unit, 0, 'another plugin of its load failed');
    throw error;
  }
}
