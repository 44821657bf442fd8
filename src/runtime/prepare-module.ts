import { type CachedModule, compiledBytes } from '../cache/module-cache.js';
import { CordonError, cordonError } from '../errors/cordon-error.js';
import type { Artifact } from '../integrity/artifact.js';
import { ENV_NAMESPACE } from '../sandbox/guest-env.js';
import { WASI_NAMESPACE } from '../sandbox/guest-wasi.js';
import { checkFeatures } from '../wasm/features.js';
import { rewriteModule } from '../wasm/rewrite.js';
import type { ModuleSummary } from '../wasm/summary.js';
import type { Runtime } from './runtime.js';
import { storedModule, storeModule } from './stored-module.js';

/** The namespace of Extism's guest ABI. */
export const EXTISM_ENV = 'extism:host/env';
/** The namespace of WASI that modules import from. */
export const WASI_PREVIEW_1 = 'wasi_snapshot_preview1';

/** A table element costs V8 about so many bytes. */
const TABLE_ELEMENT_BYTES = 16;
const PAGE = 65_536;

/** What the sandbox has to know of a rewritten module. */
export interface ModuleFacts {
  readonly startExports: { readonly initialize?: string; readonly start?: string; readonly hsInit?: string };
  readonly fuelExport?: string;
  /** The first memory. */
  readonly memoryExport?: string;
  /** Pages of its own memories at the start. */
  readonly pages: number;
}

/** A module that is fit to run, and what is known of it. */
export interface PreparedModule {
  readonly name: string;
  readonly summary: ModuleSummary;
  readonly compiled: CachedModule<ModuleFacts>;
  readonly cacheHit: boolean;
}

/** Reads and judges a module without compiling or running any of it. */
export function inspectModule(runtime: Runtime, plugin: Who, artifact: Artifact): ModuleSummary {
  return naming(plugin, artifact, () => {
    const summary = runtime.summaries.get(artifact);
    checkFeatures(summary, runtime.features);
    return summary;
  });
}

/**
 * Rewrites the module so that it cannot exceed its limits, and compiles it, unless another process is to do that; or takes
 * it from the cache.
 */
export async function compileModule(
  runtime: Runtime,
  plugin: Who,
  name: string,
  artifact: Artifact,
  summary: ModuleSummary,
  memoryBytes: number,
  forProcess = false,
): Promise<PreparedModule> {
  const { metering } = runtime.options;
  const options = {
    maxMemoryBytes: memoryBytes,
    maxTableElements: Math.min(10_000_000, Math.floor(memoryBytes / TABLE_ELEMENT_BYTES)),
    metering,
    renameImportModules: { [EXTISM_ENV]: ENV_NAMESPACE, [WASI_PREVIEW_1]: WASI_NAMESPACE },
  };
  const key = `${artifact.sha256} ${JSON.stringify(options)}${forProcess ? ' bytes' : ''}`;
  const { hit, ...compiled } = await runtime.cache.get(key, async () => {
    const stored = await namingAsync(plugin, artifact, () =>
      storedModule(runtime, key, artifact.bytes, options, forProcess),
    );
    if (stored) return { ...stored, facts: { ...stored.facts, pages: ownPages(summary) } };
    const rewritten = naming(plugin, artifact, () => rewriteModule(artifact.bytes, options));
    const module = forProcess ? rewritten.bytes : await WebAssembly.compile(rewritten.bytes);
    const facts: ModuleFacts = {
      startExports: rewritten.startExports,
      ...(rewritten.fuelExport && { fuelExport: rewritten.fuelExport }),
      ...(rewritten.memoryExports[0] !== undefined && { memoryExport: rewritten.memoryExports[0] }),
      pages: ownPages(summary),
    };
    storeModule(runtime, key, facts, rewritten.bytes);
    const { byteLength } = rewritten.bytes;
    return { module, facts, byteLength: forProcess ? byteLength : compiledBytes(rewritten.bytes) };
  });
  return { name, summary, compiled, cacheHit: hit };
}

interface Who {
  readonly name: string;
  readonly version: string;
}

function ownPages(summary: ModuleSummary): number {
  return summary.memories.reduce((pages, memory) => pages + (memory.imported ? 0 : memory.min), 0);
}

/** The binary pass knows no plugins; its errors get the name here. */
function naming<T>(plugin: Who, artifact: Artifact, step: () => T): T {
  try {
    return step();
  } catch (error) {
    throw named(plugin, artifact, error);
  }
}

async function namingAsync<T>(plugin: Who, artifact: Artifact, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    throw named(plugin, artifact, error);
  }
}

function named(plugin: Who, artifact: Artifact, error: unknown): unknown {
  if (!(error instanceof CordonError)) return error;
  return cordonError(error.code, `${plugin.name}@${plugin.version} (${artifact.origin}): ${error.message}`, {
    plugin: plugin.name,
    version: plugin.version,
    cause: error.cause,
    details: error.details,
  });
}

/** Whether the modules together want more memory at the start than the plugin may have. */
export function checkInitialMemory(plugin: Who, modules: readonly PreparedModule[], limit: number): number {
  const pages = modules.reduce((sum, { compiled }) => sum + compiled.facts.pages, 0);
  if (pages * PAGE <= limit) return pages;
  throw cordonError(
    'ERR_MEMORY',
    `${plugin.name}@${plugin.version} declares ${pages * PAGE} bytes of memory at the start; limits.memoryBytes is ${limit}. Raise the limit, or build the guest with less.`,
    { plugin: plugin.name, version: plugin.version, details: { limit, declared: pages * PAGE } },
  );
}
