import type { PluginCandidate } from '../src/catalog/catalog-source.js';
import { cordonError } from '../src/errors/cordon-error.js';
import { readEmbeddedManifest } from '../src/runtime/embedded-manifest.js';
import { FILE_SOURCE, type LoadArgument, type LoadTarget, loadTarget } from '../src/runtime/load-target.js';
import type { InMemoryPlugin } from './catalog-option.js';
import type { PluginDefinition } from './plugin-definition.js';

/** What `host.load` takes: `name@range`, the path of a `plugin.json` or `.wasm`, a plugin in memory. */
export type PluginSpec = string | URL | InMemoryPlugin;

export function isDefinition(what: unknown): what is PluginDefinition {
  return typeof what === 'object' && (what as { kind?: unknown } | null)?.kind === 'plugin-definition';
}

/**
 * What the specs ask for. @throws ERR_OPTIONS for what is none and for two plugins of one name, and what reading a bare module
 * rejects with
 */
export async function targetsOf(
  given: readonly PluginSpec[],
  { maxModuleBytes }: { readonly maxModuleBytes: number },
): Promise<LoadTarget[]> {
  const targets = await Promise.all(
    given.map((one) => {
      if (!isSpec(one)) throw notASpec(one);
      return loadTarget(one as LoadArgument, { read: readEmbeddedManifest, maxModuleBytes });
    }),
  );
  checkNames(given, targets);
  return targets;
}

/** One name has one plugin in a host. The same one may be given twice. */
function checkNames(given: readonly PluginSpec[], targets: readonly LoadTarget[]): void {
  const byName = new Map<string, { spec: PluginSpec; candidate: PluginCandidate }>();
  for (const [index, target] of targets.entries()) {
    if (!('candidate' in target)) continue;
    const { candidate } = target;
    const { name } = candidate.manifest;
    const spec = given[index]!;
    const other = byName.get(name);
    byName.set(name, { spec, candidate });
    if (!other || other.spec === spec || isSameFile(other.candidate, candidate)) continue;
    throw cordonError(
      'ERR_OPTIONS',
      `host.load was given two plugins named "${name}": ${versionAt(other.candidate)} and ${versionAt(candidate)}. A name has one plugin in a host: load one of them, or reload it later.`,
      { plugin: name },
    );
  }
}

function isSameFile(one: PluginCandidate, other: PluginCandidate): boolean {
  return one.source === FILE_SOURCE && other.source === FILE_SOURCE && one.origin === other.origin;
}

function versionAt({ manifest, origin }: PluginCandidate): string {
  return `${manifest.version} (${origin})`;
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
