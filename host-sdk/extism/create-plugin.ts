import { parseManifest } from '../../src/manifest/parse-manifest.js';
import { NO_PERMISSIONS } from '../../src/manifest/permissions.js';
import { grantPermissions } from '../../src/policy/grants.js';
import type { Embedding } from '../../src/runtime/embedding.js';
import { loadPlugin } from '../../src/runtime/load-plugin.js';
import type { PluginUnit } from '../../src/runtime/plugin-unit.js';
import { summarizeModule } from '../../src/wasm/summary.js';
import { egressRules } from './allowed-hosts.js';
import { checkImports } from './check-imports.js';
import { type CheckedOptions, checkOptions } from './check-options.js';
import { fetchHttp, sdkHttp } from './guest-http.js';
import { guestLogger } from './guest-logger.js';
import { type HostPlace, takePlace } from './hidden-host.js';
import { type ManifestLike, readManifest } from './manifest.js';
import { mountsOf } from './mounts.js';
import type { ExtismPluginOptions } from './options.js';
import { type Plugin, SandboxedPlugin } from './plugin.js';
import { rawFunctions } from './raw-functions.js';
import { type NamedModule, readModules } from './read-modules.js';
import { sdkError } from './sdk-error.js';

/**
 * `createPlugin` of @extism/extism, on Cordon's sandbox: the same manifests, options, host functions and results, and
 * limits that hold. What differs, and why, is in docs/reference/extism.md.
 *
 * @param manifest a path, URL, bytes, `Response`, manifest or its JSON, or a promise of one of these
 * @throws ERR_OPTIONS, ERR_MANIFEST, ERR_INTEGRITY, ERR_BYTECODE, ERR_FEATURE, ERR_MODULE_TOO_LARGE, ERR_IMPORT,
 * ERR_MEMORY, ERR_TIMEOUT, ERR_TRAP, ERR_GUEST; what the file system or `fetch` throws for the modules
 *
 * @example
 * const plugin = await createPlugin('count_vowels.wasm', { useWasi: true });
 * const output = await plugin.call('count_vowels', 'hello');
 * output?.json();
 * await plugin.close();
 */
export async function createPlugin(
  manifest: ManifestLike | PromiseLike<ManifestLike>,
  options: ExtismPluginOptions = {},
): Promise<Plugin> {
  const fetchUrl = options?.fetch ?? fetch;
  const read = await readManifest(await manifest, fetchUrl);
  const checked = checkOptions(options ?? {}, read);
  const modules = await readModules(read, fetchUrl);
  const inspected = modules.map(({ name, bytes }) => ({ name, summary: summarizeModule(bytes) }));
  checkImports(inspected, checked.functions, checked.useWasi);
  const mounts = await mountsOf(checked.allowedPaths);
  const place = takePlace();
  try {
    const unit = await load(place, modules, embed(place, checked, mounts));
    return new SandboxedPlugin(place, unit, inspected.find(({ name }) => name === 'main')!.summary);
  } catch (error) {
    await place.release();
    throw sdkError(error);
  }
}

function load(
  { runtime, name }: HostPlace,
  modules: readonly NamedModule[],
  embedding: Embedding,
): Promise<PluginUnit> {
  const wasm = modules.map((module) => ({ name: module.name }));
  const bytes = new Map(modules.map((module) => [module.name, module.bytes]));
  const candidate = {
    manifest: { ...parseManifest({ manifestVersion: 1, name, version: '0.0.0' }), wasm },
    origin: 'createPlugin',
    source: 'createPlugin',
    read: async (item: { readonly name: string }) => bytes.get(item.name)!,
  };
  return loadPlugin(runtime, { candidate, links: {}, lock: undefined, embedding });
}

function embed(
  { runtime, name }: HostPlace,
  options: CheckedOptions,
  mounts: Embedding['wasi']['mounts'],
): Embedding {
  const { limits, config, functions, logger, logLevel, wasiOutput, responseHeaders, fetch } = options;
  const http = egressRules(name, options.allowedHosts);
  const none = grantPermissions({ plugin: name, asked: NO_PERMISSIONS, granted: NO_PERMISSIONS });
  return {
    ...{ limits, config, logLevel },
    grant: { ...none, http },
    hostFunctions: rawFunctions(functions, {
      logger,
      varBytes: limits.varBytes,
      vars: () => runtime.units.get(name)?.pool.keptVars().get('')?.vars ?? new Map(),
    }),
    wasi: { mounts, scratch: [], output: wasiOutput ? 'forward' : 'drop' },
    logger: guestLogger(logger, logLevel),
    onOutput: (stream, line) => process[stream].write(`${line}\n`),
    http: (standard) => sdkHttp(fetch ? fetchHttp(fetch, http, limits.httpResponseBytes) : standard),
    asSdk: { responseHeaders },
  };
}
