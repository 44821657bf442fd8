import { cordonError } from '../src/errors/cordon-error.js';
import { readEmbeddedManifest } from '../src/runtime/embedded-manifest.js';
import { type LoadArgument, type LoadTarget, loadTarget } from '../src/runtime/load-target.js';
import type { InMemoryPlugin } from './catalog-option.js';
import type { PluginDefinition } from './plugin-definition.js';

/** What `host.load` takes: `name@range`, the path of a `plugin.json` or `.wasm`, a plugin in memory. */
export type PluginSpec = string | URL | InMemoryPlugin;
export function isDefinition(what: unknown): what is PluginDefinition {
  return typeof what === 'object' && (what as { kind?: unknown } | null)?.kind === 'plugin-definition';
}

/** What the specs ask for. @throws ERR_OPTIONS for what is none, and what reading a bare module rejects with */
export function targetsOf(
  given: readonly PluginSpec[],
  { maxModuleBytes }: { readonly maxModuleBytes: number },
): Promise<LoadTarget[]> {
  return Promise.all(
    given.map((one) => {
      if (!isSpec(one)) throw notASpec(one);
      return loadTarget(one as LoadArgument, { read: readEmbeddedManifest, maxModuleBytes });
    }),
  );
}

export function isSpec(what: unknown): what is PluginSpec {
  if (typeof what === 'string' || what instanceof URL) return true;
  return typeof what === 'object' && what !== null && 'manifest' in what && 'wasm' in what;
}

export function notASpec(found: unknown): Error {
  const shown = found === null ? 'null' : Array.isArray(found) ? 'a list in a list' : typeof found;
  return cordonError(
    'ERR_OPTIONS',
    `host.load was given ${shown}; expected "name@range", the path of a plugin.json or .wasm, { manifest, wasm }, or a definition made by definePlugin.`,
  );
}
